package cic2017

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenvtest"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// one returns a record with all columns and the fields that Splunk adds.
func one(label string) (r results.Record) {
	for _, name := range append(slices.Clone(Meta), Columns...) {
		value := []string{"1"}
		switch name {
		case "label":
			value = []string{label}
		case "fwd_header_length":
			value = []string{"1408", "1400"}
		case "source_ip", "destination_ip":
			value = []string{"10.0.0.1"}
		case "flow_bytes_per_s":
			value = []string{"Infinity"}
		case "timestamp":
			value = []string{"2017-07-07T16:11:00.010"}
		case "external_ip":
			continue
		}
		r = append(r, results.Field{Name: name, Values: value})
	}
	return r
}

func put(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// answer encodes records as Splunk returns them.
func answer(t *testing.T, records ...results.Record) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "records.json")
	if err := results.Save(path, records); err != nil {
		t.Fatal(err)
	}
	return path
}

// quiet returns a context that discards progress.
func quiet() context.Context { return progress.With(context.Background(), progress.Discard) }

// keep are options that keep missing and infinite values.
var keep = cic2018.Options{Missing: table.Keep, Infinite: table.Keep}

func loaded(t *testing.T, paths ...string) *flowtable.Table {
	t.Helper()
	flows, err := Load(quiet(), filepath.Join(t.TempDir(), "flows.arrow"), keep, paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flows.Close() })
	return flows
}

// Load takes a flow's columns from a record, whatever other fields it has and whatever their order.
func TestRecords(t *testing.T) {
	all := []results.Record{one("BENIGN"), one("DDoS")}
	all[1] = append(all[1], results.Field{Name: "external_ip", Values: []string{"8.8.8.8"}})
	all[0] = slices.DeleteFunc(all[0],
		func(f results.Field) bool { return f.Name == "_subsecond" || f.Name == "date_second" })
	slices.Reverse(all[0])
	flows := loaded(t, answer(t, all...))
	if !slices.Equal(flows.Names(), flowtable.Columns()) || flows.NumRows() != 2 {
		t.Errorf("%d rows of %q", flows.NumRows(), flows.Names())
	}
	rows := flows.Rows(0, 2)
	for name, want := range map[string][]string{
		"external_ip":       {"", "8.8.8.8"},
		"fwd_header_length": {"1408", "1408"},
		"flow_bytes_per_s":  {"+Inf", "+Inf"},
		"protocol":          {"1", "1"},
		"label":             {flowtable.Benign, "DDoS"},
	} {
		if got := rows.Strings(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if at := flows.Times(0, 1)[0].Format("2006-01-02 15:04:05.00"); at != "2017-07-07 16:11:00.01" {
		t.Errorf("time %s", at)
	}
}

// The real flows are the same from the records and from the CSV files. The second load only opens
// the table.
func TestReal(t *testing.T) {
	dir := shareddata.Dir(t, "cicids2017_85col")
	fromJSON := loaded(t, filepath.Join(dir, "derived_netflows_records.json"))
	paths := []string{filepath.Join(dir, "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_first299_BENIGN.csv"),
		filepath.Join(dir, "baseline_ddos.csv")}
	fromCSV := loaded(t, paths...)
	if fromJSON.NumRows() != 799 || fromCSV.NumRows() != 1299 {
		t.Errorf("%d and %d flows", fromJSON.NumRows(), fromCSV.NumRows())
	}
	a, b := fromJSON.Rows(0, 799), fromCSV.Rows(0, 799)
	for _, name := range slices.DeleteFunc(flowtable.Columns(),
		func(n string) bool { return n == flowtable.Timestamp || n == "external_ip" }) {
		if b.Text(name) {
			if !slices.Equal(a.Strings(name), b.Strings(name)) {
				t.Errorf("%s differs", name)
			}
			continue
		}
		x, y := a.Float64s(name), b.Float64s(name)
		for i := range x {
			if x[i] != y[i] && !(math.IsNaN(x[i]) && math.IsNaN(y[i])) {
				t.Fatalf("flow %d: %s is %v and %v", i, name, x[i], y[i])
			}
		}
	}
	for name, want := range map[string]int{
		"baseline_portscan.csv": 1000,
		"baseline_xss.csv":      652,
		"baseline_sqli.csv":     21,
	} {
		flows := loaded(t, filepath.Join(dir, name))
		label := flows.Labels()[0]
		if flows.NumRows() != want || strings.ContainsAny(label, "\ufffd\u0096") ||
			name != "baseline_portscan.csv" && !strings.Contains(label, "Web Attack - ") {
			t.Errorf("%s: %d flows, label %q", name, flows.NumRows(), label)
		}
	}
	dst := filepath.Join(t.TempDir(), "flows.arrow")
	for _, cached := range []bool{false, true} {
		flows, err := Load(quiet(), dst, keep, append(paths, filepath.Join(dir, "derived_netflows_records.json"))...)
		if err != nil || flows.Cached != cached || flows.NumRows() != 1299+799 {
			t.Fatalf("cached %v, want %v: %v", flows, cached, err)
		}
		flows.Close()
	}
}

// The fields are those of the header that the original prints.
func TestColumns(t *testing.T) {
	if len(Columns) != 83 || len(Meta) != 28 {
		t.Errorf("%d columns, %d of Splunk", len(Columns), len(Meta))
	}
	sorted, all := slices.Sorted(slices.Values(append([]string{flowtable.Timestamp}, Columns...))),
		slices.Sorted(slices.Values(flowtable.Columns()))
	if !slices.Equal(sorted, all) {
		t.Errorf("%q\nflow tables have\n%q", sorted, all)
	}
	dir := shareddata.Dir(t, "..", "seeds")
	paths, err := filepath.Glob(filepath.Join(dir, "004_*.txt"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v, %v", paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "Unnamed: 0,"); ok {
			header := slices.DeleteFunc(strings.Split(rest, ","), func(name string) bool { return name == "date_second" })
			if !reflect.DeepEqual(header, Columns) {
				t.Errorf("the original has %q", header)
			}
			return
		}
	}
	t.Error("the original has no header")
}

// An error is one line with the file, the line or record, and the value.
func TestRefused(t *testing.T) {
	bad := one("BENIGN")
	for i := range bad {
		if bad[i].Name == "flow_duration" {
			bad[i].Values = []string{"long"}
		}
	}
	list := func(records ...results.Record) string {
		var b strings.Builder
		if err := results.Write(&b, records); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const h, r = "Destination Port,Protocol,Flow Duration,Total Fwd Packets,Label\n", "80,6,1,1,BENIGN\n"
	for _, test := range []struct{ name, text, want string }{
		{"a.csv", h + r + "80,6,many,1,BENIGN\n", `a.csv:3: column "Flow Duration": "many" is not a number`},
		{"a.csv", h + "1,2\n", "a.csv:2: 2 columns, want 5 as in the header"},
		{"a.csv", "a,b\n1,2\n", `a.csv:1: no column "Label"`},
		{"a.csv", "", "a.csv: the file is empty"},
		{"a.csv", h, "a.csv: no rows below the header"},
		{"a.json", list(), "a.json: no flows"},
		{"a.json", "", "a.json: the file is empty"},
		{"a.json", list(one("BENIGN"), bad), `a.json: record 2: field "flow_duration": "long" is not a number`},
		{"a.json", list(slices.DeleteFunc(one("x"), func(f results.Field) bool { return f.Name == "label" })),
			`a.json: no field "label"`},
		{"a.json", list(one("NeedManualLabel"), one("")), "a.json: none of 2 rows is kept"},
		{"a.json", list(one("BENIGN"))[:99], "a.json: record 1: the answer ends before its last row"},
		{"a.json", "<html>", `a.json: record 1: the answer is not JSON: it begins with "<html>"`},
		{"a.json", `{"label":{"0":"BENIGN"},"x":{"1":"2"}}`, `a.json: column "x" has a row "1"`},
		{"a.json", `{"label":{"0":"BENIGN","1":"x"},"x":{"0":"2"}}`, `column "x" has 1 rows, others have 2`},
		{"a.json", `{"label":{"a":"BENIGN"}}`, `row "a" has no number`},
		{"a.json", `{"label":{"0":"BENIGN"`, "unexpected EOF"},
		{"a.json", `{"label":["BENIGN"]}`, "want {column: {row: value}}"},
		{"a.json.gz", "\x1f\x8bxx", "a.json.gz: "},
	} {
		dst := filepath.Join(t.TempDir(), "flows.arrow")
		_, err := Load(quiet(), dst, keep, put(t, test.name, test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") ||
			strings.Contains(err.Error(), ".cic2017-") {
			t.Errorf("%.40q: %v, want %q", test.text, err, test.want)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
			t.Errorf("%.40q: %s was left", test.text, left[0].Name())
		}
	}
	if _, err := Load(quiet(), filepath.Join(t.TempDir(), "x"), keep); err == nil {
		t.Error("no files are loaded")
	}
}

// A table that pandas wrote equals the file from which it was made.
func TestPandas(t *testing.T) {
	python := pyenvtest.Need(t, "test-splunk", "../../internal/splunksim/testdata/requirements.txt")
	records := []results.Record{one("BENIGN"), one("DDoS"), one("Web Attack – \"x\"")}
	records[2] = append(records[2], results.Field{Name: "external_ip", Values: []string{"8.8.8.8"}})
	for i := range records[1] {
		if records[1][i].Name == "flow_duration" {
			records[1][i].Values = []string{"16600000.5"}
		}
	}
	path, theirs := answer(t, records...), filepath.Join(t.TempDir(), "pandas.json")
	if out, err := pyenv.Output(python, "-c", `
import json, sys
import pandas as pd
pd.DataFrame(json.load(open(sys.argv[1]))["results"]).to_json(sys.argv[2])`, path, theirs); err != nil {
		t.Fatalf("%s, %v", out, err)
	}
	got, want := loaded(t, theirs), loaded(t, path)
	if a, b := got.Rows(0, 3).String(), want.Rows(0, 3).String(); a != b {
		t.Errorf("got\n%swant\n%s", a, b)
	}
}

// Files may be gzipped, and a bad one among others is left out and named.
func TestOddFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if err := results.Write(z, []results.Record{one("BENIGN"), one("no label")}); err != nil {
		t.Fatal(err)
	}
	z.Close()
	f.Close()
	csv := filepath.Join(t.TempDir(), "b.csv.gz")
	if f, err = os.Create(csv); err != nil {
		t.Fatal(err)
	}
	z = gzip.NewWriter(f)
	io.WriteString(z, strings.Join(Columns, ",")+"\n"+strings.Repeat("1,", 82)+"1\n")
	z.Close()
	f.Close()
	flows := loaded(t, path, csv, put(t, "c.json", "<html>"), put(t, "d.csv", "text\n1\n"))
	report := flows.Report().String()
	for _, want := range []string{"a.json.gz: 1 rows without a label left out", "c.json: record 1: the answer is not JSON",
		`d.csv: left out: no column "Label"`} {
		if !strings.Contains(report, want) {
			t.Errorf("%s\nwant %s", report, want)
		}
	}
	if flows.NumRows() != 2 || !slices.Equal(flows.Labels(), []string{"1", flowtable.Benign}) {
		t.Errorf("%d flows, labels %q", flows.NumRows(), flows.Labels())
	}
	if _, err := Load(quiet(), filepath.Join(t.TempDir(), "x"), keep, put(t, "a.json", "x"),
		put(t, "b.json", "y")); err == nil || !strings.Contains(err.Error(), "none of 2 files can be read: ") {
		t.Errorf("nothing that can be read: %v", err)
	}
}

// The columns of a table make features, for both years and in all forms.
func TestFeatures(t *testing.T) {
	addresses := []string{"Flow ID", "Source IP", "Source Port", "Destination IP", "Protocol", "Timestamp"}
	const file17, file18 = "baseline_xss.csv", "derived_validation_original_header.csv"
	for _, f := range []struct {
		name     string
		text     string
		features int
	}{
		{"2017", without(t, "cicids2017_85col", file17), 79},
		{"2017, MachineLearningCVE", without(t, "cicids2017_85col", file17, addresses...), 77},
		{"2017, without a port", without(t, "cicids2017_85col", file17, append(addresses, "Destination Port")...), 76},
		{"2018", without(t, "cse_cic_ids2018_80col", file18), 78},
		{"2018, Python's names", without(t, "cse_cic_ids2018_80col", "validation.csv"), 78},
	} {
		flows := loaded(t, put(t, "a.csv", f.text))
		var columns []encode.Column
		for _, name := range flows.Names() {
			if !slices.Contains(flows.Report().Absent, name) && !flows.Text(name) && name != flowtable.Timestamp {
				columns = append(columns, encode.Quantiles(name, 8))
			}
		}
		if len(columns) != f.features {
			t.Errorf("%s: %d features, want %d", f.name, len(columns), f.features)
		}
		if _, err := encode.FitTable(flows, columns...); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// without reads a shared CSV file without some of its columns.
func without(t *testing.T, folder, file string, names ...string) string {
	t.Helper()
	text, err := os.ReadFile(shareddata.Dir(t, folder, file))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var columns []int
	for i, name := range strings.Split(lines[0], ",") {
		if !slices.Contains(names, strings.TrimSpace(name)) {
			columns = append(columns, i)
		}
	}
	var b strings.Builder
	for _, line := range lines {
		cells := strings.Split(line, ",")
		var some []string
		for _, i := range columns {
			some = append(some, cells[i])
		}
		fmt.Fprintln(&b, strings.Join(some, ","))
	}
	return b.String()
}
