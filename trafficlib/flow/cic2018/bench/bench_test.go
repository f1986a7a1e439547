package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// The works agree on what they read, and a second load reads nothing.
func TestWorks(t *testing.T) {
	path, work := filepath.Join(t.TempDir(), "a.csv"), filepath.Join(t.TempDir(), "a")
	if err := makeFile(path, 10_000, true); err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, what := range []string{"load", "sort", "again"} {
		m, err := ourWork(what, path, work)
		if err != nil || m.Rows != 10_000 || sum != 0 && m.Sum != sum || m.Sum == 0 || m.Held == 0 {
			t.Errorf("%s: %+v, %v", what, m, err)
		}
		sum = m.Sum
	}
	if m, err := ourWork("load×3", path, work); err != nil || m.Rows != 30_000 || m.Sum != 3*sum {
		t.Errorf("three times over: %+v, %v", m, err)
	}
	if _, err := ourWork("fly", path, work); err == nil {
		t.Error("a work that is not there: no error")
	}
	s, err := flowtable.Open(work + ".arrow")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n := s.Report().Files[0].Headers; n != 8*7 {
		t.Errorf("%d headers in the middle, want %d", n, 8*7)
	}
}

// The ten files load together, the tenth without its four columns.
func TestMakeDays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "days")
	if err := makeDays(dir, 8_000); err != nil {
		t.Fatal(err)
	}
	s, err := cic2018.Load(t.Context(), filepath.Join(t.TempDir(), "days.arrow"), cic2018.Options{Sort: true, Missing: table.Keep, Infinite: table.Keep}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := s.Report()
	out := 0
	for _, f := range r.Files {
		if strings.HasPrefix(f.Name, "Thuesday") && strings.Join(f.Out, ", ") == "Flow ID, Src IP, Src Port, Dst IP" {
			out++
		} else if len(f.Out) > 0 {
			t.Errorf("%s: without %v", f.Name, f.Out)
		}
	}
	if len(r.Files) != 10 || out != 1 || len(s.Names()) != 80 {
		t.Errorf("%d files, %d columns:\n%s", len(r.Files), len(s.Names()), r)
	}
	times := s.Times(0, s.NumRows())
	for i := range times[1:] {
		if times[i+1].Before(times[i]) {
			t.Fatalf("row %d is before row %d", i+1, i)
		}
	}
}

func TestTable(t *testing.T) {
	our := measurement{Seconds: 10, CPU: 20, Rows: 8e6, Bytes: 4e9, Held: 2e9, Anon: 2000 * mb}
	rows := []row{
		newRow("trafficlib", "load", our, our),
		newRow("pandas", "load", measurement{Seconds: 50, CPU: 50, Rows: 8e6}, our),
		newRow("trafficlib", "again", measurement{Seconds: 0.002, CPU: 0.002, Rows: 8e6}, our),
	}
	for what, got := range map[string]string{"text": text(rows, "a machine"), "markdown": markdown(rows, "a machine")} {
		for _, want := range []string{"a machine", "400 k rows of 80 columns", "300 k wanted: met", "5.00", "2.50", "again: 2.0 ms", "at most 2000 MB, 1000 allowed: NOT met"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", what, want, got)
			}
		}
	}
}
