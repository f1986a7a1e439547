package main

import (
	"path/filepath"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
)

// Each copy of the bundled captures has flows of its own.
func TestFlows(t *testing.T) {
	t.Chdir("../../..")
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := capturesim.OneByOne(path, 40_000, bundled...); err != nil {
		t.Fatal(err)
	}
	f, err := flows(path)
	if err != nil {
		t.Fatal(err)
	}
	once, err := flows(bundled[0])
	if err != nil {
		t.Fatal(err)
	}
	if f.Count[0] < 35_000 || f.Count[1] < once.Count[1] {
		t.Errorf("%v, of one copy %v", f.Count, once.Count)
	}
}
