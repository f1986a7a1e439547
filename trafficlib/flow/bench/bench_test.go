package main

import (
	"path/filepath"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// The captures of the benchmark are in the order of time, of the size that is asked for, and each copy has flows of its own.
func TestMakeCapture(t *testing.T) {
	t.Chdir("../../..")
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := makeCapture(path, 40_000, 0, 3600e9); err != nil {
		t.Fatal(err)
	}
	f, err := flows(path)
	if err != nil {
		t.Fatal(err)
	}
	once, err := flows("notebooks/data/tcp")
	if err != nil {
		t.Fatal(err)
	}
	if f.Count[0] < 35_000 || f.Count[1] < once.Count[1] {
		t.Errorf("%v, of one copy %v", f.Count, once.Count)
	}
	if err := makeCapture(path, 0, 3e6, 1e8); err != nil {
		t.Fatal(err)
	}
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Size() < 3e6 {
		t.Errorf("%d bytes", r.Size())
	}
	last := int64(0)
	for p := range r.Packets() {
		if p.Nanos < last {
			t.Fatalf("packet %d is before the one before", p.Number)
		}
		last = p.Nanos
	}
}
