package cic2018

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// quiet returns a context that discards progress.
func quiet() context.Context {
	return progress.With(context.Background(), &progress.Lines{W: io.Discard})
}

// in2018 is the earliest time that the original accepts.
var in2018 = time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)

// keeping returns options that keep missing and infinite values.
func keeping(o Options) Options {
	o.Missing, o.Infinite = table.Keep, table.Keep
	return o
}

// first returns the most frequent label and the number of its flows.
func first(s *flowtable.Table) string {
	c := s.LabelCounts()
	return c.Strings("label")[0] + " " + c.Strings("flows")[0]
}

// mustLoad loads files into a temporary folder.
func mustLoad(t testing.TB, o Options, paths ...string) *flowtable.Table {
	t.Helper()
	s, err := Load(quiet(), filepath.Join(t.TempDir(), "flows.arrow"), o, paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Rows of the original's test data, with repeated headers as in the published files, load as pandas
// loads them.
func TestPublishedRows(t *testing.T) {
	path := shareddata.Dir(t, "cse_cic_ids2018_80col", "derived_validation_repeated_headers.csv")
	all := mustLoad(t, keeping(Options{}), path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := all.Report()
	if n := bytes.Count(text, []byte("\n")) - 1; n != 183 || r.Files[0].Headers != 3 || r.Rows != 180 ||
		all.NumRows() != 180 {
		t.Errorf("%d lines, %d headers, %d rows, want 183, 3, 180", n, r.Files[0].Headers, r.Rows)
	}
	for _, line := range r.Files[0].Lines {
		if row := strings.Split(string(text), "\n")[line-1]; !strings.HasPrefix(row, "Dst Port,") {
			t.Errorf("line %d, said to be a header, is %.40q", line, row)
		}
	}
	if got, want := all.Types(),
		"uint8 23, uint16 6, uint32 13, uint64 2, int16 1, int32 1, int64 6, float32 24"; got != want {
		t.Errorf("types %s, want %s", got, want)
	}
	if n := first(all); n != "Benign 40" || all.LabelCounts().NumRows() != 15 {
		t.Errorf("%v of %d labels, want 40 Benign of 15", n, all.LabelCounts().NumRows())
	}
	if r.Infinite["flow_bytes_per_s"] != 10 || r.Infinite["flow_packets_per_s"] != 10 || len(r.Missing) != 0 {
		t.Errorf("infinities %v, missing %v", r.Infinite, r.Missing)
	}

	s := mustLoad(t, keeping(Options{Sort: true, Since: in2018}), path)
	if r := s.Report(); s.NumRows() != 170 || r.Before != 10 || r.Read != 180 {
		t.Errorf("%d rows, %d before 2018, %d read, want 170, 10, 180", s.NumRows(), r.Before, r.Read)
	}
	if n := first(s); n != "Benign 30" {
		t.Errorf("%v, want 30 Benign", n)
	}
	const layout = "2006-01-02 15:04:05"
	times := s.Times(0, s.NumRows())
	if first, last := times[0].Format(layout), times[169].Format(layout); first != "2018-02-14 02:24:07" ||
		last != "2018-03-02 12:38:44" {
		t.Errorf("from %s to %s", first, last)
	}
	if !s.Report().Twelve {
		t.Error("the clock of twelve hours was not noticed")
	}
}

// The types are those of pandas, column by column.
func TestPublishedTypes(t *testing.T) {
	s := mustLoad(t, keeping(Options{}),
		shareddata.Dir(t, "cse_cic_ids2018_80col", "derived_validation_original_header.csv"))
	want := publishedTypes(t)
	if len(s.Numbers()) != len(want) {
		t.Errorf("%d columns of numbers, want %d", len(s.Numbers()), len(want))
	}
	for name, typ := range want {
		if got := s.Type(name); got != typ {
			t.Errorf("%s: %s, want %s", name, got, typ)
		}
	}
}
