package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// TestWorks makes a capture of many hosts and checks that all works count the same in it.
func TestWorks(t *testing.T) {
	t.Chdir("../../..") // the bundled captures are named from the root
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := capturesim.OneByOne(path, 40_000, mixed...); err != nil {
		t.Fatal(err)
	}
	var first [3]int64
	for _, work := range []func(string) ([3]int64, error){decode, withGopacket, makeTable} {
		count, err := work(path)
		if err != nil {
			t.Fatal(err)
		}
		if first[0] == 0 {
			first = count
		}
		if count[0] != 40_000 || count[2] != first[2] || count[1] > first[1] || count[1] < first[1]*99/100 {
			t.Errorf("%v, want %v", count, first)
		}
	}
	if err := capturesim.OneByOne(path, 10_000, onlyTLS...); err != nil {
		t.Fatal(err)
	}
	if count, err := makeFeatures(path); err != nil || count[0] != 10_000 || count[1] < 400 {
		t.Errorf("%v, %v", count, err)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hosts := map[string]bool{}
	for p := range r.Packets() {
		hosts[p.Src.String()] = true
	}
	if len(hosts) < 25 {
		t.Errorf("%d hosts", len(hosts))
	}
	if _, err := measureHere("fly", path); err == nil {
		t.Error("an unknown work: no error")
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "features")); err == nil {
		t.Error("the features are left")
	}
}

func TestTable(t *testing.T) {
	our := measurement{Cost: benchkit.Cost{Seconds: 1, CPU: 1}, Packets: 4_000_000}
	var rows []row
	for _, s := range sides {
		cost := benchkit.Cost{Seconds: 2, CPU: 4, Memory: benchkit.Memory{Peak: 5 * benchkit.MB}}
		m := measurement{Cost: cost, Packets: 400_000}
		if s.who == benchkit.Ours {
			m = our
		}
		if s.who == "scapy" {
			m.CPU = 1
		}
		rows = append(rows, newRow(s, m, 10*benchkit.MB, oursFor(s, []measurement{7: our, 4: our, 2: our})))
	}
	got := benchkit.Markdown(page, "a machine", rows, bounds(rows))
	for _, want := range []string{
		"table: 4.0 M packets per second of processor time, at least 3 wanted: met",
		"40 times the packets of tshark",
		"table: 10 times the packets of scapy per second of processor time (20 per second), at least 50 " +
			"wanted: NOT met",
		"| trafficlib | decode | 4000000 | 10.0 | 1.000 | 1.000 | 4000.0 | 0 |  |  |",
		"| 5 | 20.0 | 40.0 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}

func TestAgree(t *testing.T) {
	best := make([]measurement, len(sides))
	if err := agree(best); err != nil {
		t.Error(err)
	}
	best[5].Count[1] = 3
	if err := agree(best); err == nil || !strings.Contains(err.Error(), "table of slice: trafficlib counts") {
		t.Errorf("got %v", err)
	}
}

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB)
}
