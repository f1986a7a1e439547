package notebooks

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// fourth is the notebook on the flows of ten days.
const fourth = "4-flow-windows.ipynb"

func TestNotebook4(t *testing.T) {
	text := bundled(t, fourth)
	wants(t, text, "5250 rows read from 10 files; 4 dropped as too early; 5246 rows",
		"3 repeated headers dropped (lines 115, 229, 343)",
		"84 columns, left out: Flow ID, Src IP, Src Port, Dst IP",
		"hours 1 to 7 were read as those of the afternoon", "0.876287",
		"77 features, fitted on", "28 Feb: 15 rows", "windows of attacks are called benign", "majority: accuracy")
	// The made flows decide these: web attacks are as in training, the infiltration looks like
	// benign flows.
	for name, want := range map[string][2]float64{"LSTM classifier": {0.6, 1}, "logistic regression": {0.6, 1},
		"LSTM forecaster": {0.2, 0.9}, "isolation forest": {0.2, 0.9}} {
		if auc := number(t, text, "\n"+name+" "); !(auc > want[0] && auc <= want[1]) {
			t.Errorf("ROC AUC of the %s %v, want %v", name, auc, want)
		}
	}
}

// quick are parameters for a short training.
var quick = []string{"-p", "epochs=1", "-p", "classEpochs=1", "-p", "perClass=60", "-p", "hidden=8", "-p", "trees=20"}

// days writes files of flows to a folder, and returns the folder.
func days(t *testing.T, rows int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range 4 {
		out, err := os.Create(filepath.Join(dir, fmt.Sprintf("day-%d.csv", i)))
		if err != nil {
			t.Fatal(err)
		}
		f := flowsim.File{Rows: rows, Seed: uint64(i), Start: time.Date(2018, 3, 1+i, 0, 0, 0, 0, time.UTC),
			Long: i == 1, Wide: i == 2}
		if err := f.Write(out); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestNotebook4Days runs the notebook on a folder of other day files, with all flows of a day in
// sequence.
func TestNotebook4Days(t *testing.T) {
	kerneltest.Machine(t)
	text := runCells(t, fourth, []string{"GOMLX_BACKEND=go"},
		append(quick, "-p", "data="+days(t, 5000), "-p", "by=day", "-p", "length=5", "-p", "step=5")...)
	wants(t, text, "20000 rows read from 4 files; 20000 rows", "4000 windows of 5 flows", "backend: go")
}

// TestNotebook4Captures runs it on captures: their flows are those that the notebook takes from day
// files.
func TestNotebook4Captures(t *testing.T) {
	kerneltest.Machine(t)
	data := kerneltest.Checkout(t, "notebooks", "data", "tls")
	text := runCells(t, fourth, []string{"GOMLX_BACKEND=go"},
		append(quick, "-p", "data="+data, "-p", "split=each", "-p", "by=global", "-p", "length=4", "-p", "step=1")...)
	wants(t, text, "flows of ", "attack-renegotiation", "windows scored", "majority: accuracy")
}

// TestNotebook4Download downloads the files from a server that implements the necessary part of S3.
func TestNotebook4Download(t *testing.T) {
	kerneltest.Machine(t)
	dir := days(t, 2500)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/flows"), "/")
		if name != "" {
			w.Header().Set("ETag", `"0123456789abcdef0123456789abcdef"`)
			http.ServeFile(w, r, filepath.Join(dir, filepath.Base(name)))
			return
		}
		type contents struct {
			Key, ETag    string
			LastModified time.Time
			Size         int64
		}
		var list struct {
			XMLName  xml.Name `xml:"ListBucketResult"`
			Contents []contents
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if info, err := e.Info(); err == nil {
				list.Contents = append(list.Contents, contents{"some days/" + e.Name(),
					`"0123456789abcdef0123456789abcdef"`, info.ModTime().UTC().Truncate(time.Second), info.Size()})
			}
		}
		w.Header().Set("Content-Type", "application/xml")
		xml.NewEncoder(w).Encode(list)
	}))
	defer server.Close()
	text := runCells(t, fourth, []string{"GOMLX_BACKEND=go"}, append(quick, "-p", "download=true", "-p",
		"bucket=flows", "-p", "prefix=some days/", "-p", "endpoint="+server.URL, "-p", "match=day-*.csv")...)
	wants(t, text, "4 files fetched, 0 were there", "10000 rows read from 4 files")
}

// TestNotebook4Damaged runs the notebook on files that are not day files: the run fails with a
// one-line error that says what and where.
func TestNotebook4Damaged(t *testing.T) {
	kerneltest.Machine(t)
	var good strings.Builder
	if err := (flowsim.File{Rows: 40}).Write(&good); err != nil {
		t.Fatal(err)
	}
	var cases []refusal
	for what, c := range map[string]struct{ text, want string }{
		"cut":             {good.String()[:good.Len()-50], "days.csv:41: the file ends in the middle of this line"},
		"binary":          {"\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 5000), "days.csv:1: not a CSV file"},
		"empty":           {"", "days.csv: the file is empty"},
		"header":          {flowsim.Header + "\n", "days.csv: no rows below the header"},
		"wrong delimiter": {strings.ReplaceAll(good.String(), ",", ";"), "divided by ';'"},
		"no newline":      {strings.Repeat("1", 10<<20), "days.csv:1: no end of line in the first 1024 kB"},
	} {
		cases = append(cases, refusal{what, folder, map[string]string{"days.csv": c.text}, "flowfiles.Load(", c.want})
	}
	refusals(t, fourth, nil, cases)
	refuses(t, fourth, []string{"GOMLX_BACKEND=go"}, "days.csv: the file is empty", "-p",
		"data="+oneFile(t, "days.csv", ""))
}
