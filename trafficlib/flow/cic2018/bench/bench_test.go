package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// TestWorks checks that the works agree on what they read, and that a second load reads nothing.
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
		t.Error("an unknown work: no error")
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

// TestMakeDays loads the ten files together, the tenth without its four additional columns.
func TestMakeDays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "days")
	if err := makeDays(dir, 8_000); err != nil {
		t.Fatal(err)
	}
	s, err := cic2018.Load(t.Context(), filepath.Join(t.TempDir(), "days.arrow"),
		cic2018.Options{Sort: true, Missing: table.Keep, Infinite: table.Keep}, dir)
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
	cost := func(seconds, cpu float64) benchkit.Cost { return benchkit.Cost{Seconds: seconds, CPU: cpu} }
	our := measurement{Cost: cost(10, 20), Rows: 8e6, Bytes: 4e9, Held: 2e9}
	our.Anon = 2000 * mb
	rows := []row{
		newRow(benchkit.Ours, "load", our, our),
		newRow("pandas", "load", measurement{Cost: cost(50, 50), Rows: 8e6}, our),
		newRow(benchkit.Ours, "again", measurement{Cost: cost(0.002, 0.002), Rows: 8e6}, our),
	}
	got := benchkit.Markdown(page, "a machine", rows, bounds(rows))
	for _, want := range []string{
		"400 k rows of 80 columns", "300 k wanted: met", "| 5.00 | 2.50 |", "again: 2.0 ms",
		"at most 2000 MB, 1000 allowed: NOT met",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}
