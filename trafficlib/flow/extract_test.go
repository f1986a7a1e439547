package flow

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

const lanCapture = "../../notebooks/data/tcp/lan.pcap.gz"

// telnet labels the flows of one service as attacks.
func telnet(f *Flow, path string) string {
	if f.DstPort == 23 {
		return "Telnet"
	}
	return flowtable.Benign
}

// The table that Extract makes has the values of CICFlowMeter's columns under the names of flow
// tables.
func TestExtract(t *testing.T) {
	want, err := Read(t.Context(), CICFlowMeter, lanCapture)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Extract(t.Context(), filepath.Join(t.TempDir(), "flows.arrow"), Options{Label: telnet}, lanCapture)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if got.NumRows() != want.Table.NumRows() || got.NumRows() == 0 {
		t.Fatalf("%d rows, want %d", got.NumRows(), want.Table.NumRows())
	}
	compared := 0
	for _, name := range want.Table.Names() {
		column := flowtable.ColumnOf(name)
		switch {
		case name == "Flow ID":
		case name == "Timestamp":
			for i, at := range got.Times(0, got.NumRows()) {
				if !at.Equal(table.Values[time.Time](want.Table, name)[i]) {
					t.Fatalf("row %d is of %v", i, at)
				}
			}
		case want.Table.Text(name):
			if !slices.Equal(got.Strings(column), want.Table.Strings(name)) {
				t.Errorf("%s differs", name)
			}
		default:
			a := got.Float64s(column)
			for i, b := range want.Table.Float64s(name) {
				if math.Abs(a[i]-b) > 1e-6*math.Abs(b)+0.01 {
					t.Fatalf("%s, row %d: %v, want %v", name, i, a[i], b)
				}
			}
			compared++
		}
	}
	if missing := slices.DeleteFunc(flowtable.Columns(), got.Has); compared != 79 ||
		!slices.Equal(missing, []string{"external_ip"}) {
		t.Errorf("%d columns of numbers, not %q", compared, missing)
	}
	labels := got.Strings(flowtable.Label)
	for i, port := range got.Float64s(flowtable.DestinationPort) {
		if (labels[i] == "Telnet") != (port == 23) {
			t.Fatalf("a flow to port %v is %s", port, labels[i])
		}
	}
	made := got.Made()
	if made.By != "flow" || len(made.Sources) != 1 || made.Sources[0].Name != "lan.pcap.gz" ||
		!strings.Contains(got.Report().String(), "flows of ") {
		t.Errorf("made %+v", made)
	}
}

// The table does not depend on the number of cores.
func TestExtractOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		path := filepath.Join(t.TempDir(), "flows.arrow")
		s, err := Extract(t.Context(), path, Options{Label: telnet}, lanCapture)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if string(data) != string(first) {
			t.Errorf("%d cores make another file", cores)
		}
	}
}

func TestAttackFiles(t *testing.T) {
	label := AttackFiles("attack*, *.evil")
	for path, want := range map[string]string{
		"a/attack-scan.pcap.gz": "attack-scan",
		"normal.pcap":           flowtable.Benign,
		"attack/normal.pcap":    flowtable.Benign,
		"x.evil":                "x",
	} {
		if got := label(nil, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestExtractRefused(t *testing.T) {
	dst := filepath.Join(t.TempDir(), "flows.arrow")
	empty := filepath.Join(t.TempDir(), "empty.pcap")
	if err := os.WriteFile(empty,
		[]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"+strings.Repeat("\x00", 8)+"\xff\xff\x00\x00\x01\x00\x00\x00"),
		0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{empty: "empty.pcap: no flows", "absent.pcap": "absent.pcap"} {
		if _, err := Extract(t.Context(), dst, Options{}, path); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := os.Stat(dst); err == nil {
		t.Error("a table is there")
	}
}
