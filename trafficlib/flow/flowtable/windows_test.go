package flowtable

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// few returns a table of some days. Each letter is a flow, in order of time. Its place in "abc…" is
// the port, and a capital is an attack.
func few(t *testing.T, days ...string) *Table {
	t.Helper()
	var all []flow
	for d, flows := range days {
		for i, c := range flows {
			label := Benign
			if strings.ToUpper(string(c)) == string(c) {
				label = "Bot"
			}
			port := uint16(strings.Index("abcdefgh", strings.ToLower(string(c))))
			all = append(all, flow{time.Date(2018, 2, 14+d, 9, i, 0, 0, time.UTC), port, 6,
				[]float64{0.5, float64(len(all))}, "", label, 0})
		}
	}
	return mustWrite(t, Options{Sort: true}, 4, all)
}

// windows returns the windows as the numbers of their flows, with a star after the numbers of
// attacks.
func windows(w *Windows) string {
	var all []string
	for i := range w.Len() {
		one := strings.Trim(fmt.Sprint(w.Rows(i)), "[]")
		if w.Label(i) != Benign {
			one += "*"
		}
		all = append(all, one)
	}
	return strings.Join(all, ", ")
}

func TestWindows(t *testing.T) {
	s := few(t, "aabaaBbba", "abcab")
	for _, c := range []struct {
		r    WindowRules
		want string
		left int
	}{
		{WindowRules{Length: 2}, "0 1, 3 4, 2 5*, 6 7, 9 12, 10 13", 2},
		{WindowRules{Length: 2, Step: 1}, "0 1, 1 3, 3 4, 2 5*, 5 6*, 6 7, 4 8, 9 12, 10 13", 1},
		{WindowRules{Length: 2, Step: 4}, "0 1, 2 5*, 9 12, 10 13", 6},
		{WindowRules{Length: 3, By: ByDay}, "0 1 2, 3 4 5*, 6 7 8, 9 10 11", 2},
		{WindowRules{Length: 4, By: ByAll}, "0 1 2 3, 4 5 6 7*, 8 9 10 11", 2},
		{WindowRules{Length: 20, By: ByAll}, "", 14},
	} {
		w, err := s.Windows(c.r)
		if err != nil {
			t.Fatal(err)
		}
		if got := windows(w); got != c.want || w.Left != c.left {
			t.Errorf("%+v: %s, %d left, want %s, %d", c.r, got, w.Left, c.want, c.left)
		}
	}
	w, err := s.Windows(WindowRules{Length: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Float64s("flow_duration"); !slices.Equal(got, []float64{0, 1, 3, 4, 2, 5, 6, 7, 9, 12, 10, 13}) {
		t.Errorf("numbers %v", got)
	}
	want := table.New(table.Col(Label, []string{Benign, "Bot"}), table.Col("windows", []int64{5, 1}))
	if got := w.Counts().String(); got != want.String() {
		t.Errorf("counts\n%s", got)
	}
	if w.Normal().Len() != 5 || !slices.Equal(w.Labels(), []string{Benign, Benign, "Bot", Benign, Benign, Benign}) {
		t.Errorf("labels %q", w.Labels())
	}
}

// Parts follow each other in time, and a window across a cut is in no part.
func TestSplit(t *testing.T) {
	s := mustWrite(t, Options{Sort: true}, 700, random(6000, 3, 4))
	for _, by := range []By{ByDestination, ByDay, ByAll} {
		w, err := s.Windows(WindowRules{Length: 4, By: by})
		if err != nil {
			t.Fatal(err)
		}
		split, err := w.Split(SplitAll, 0.5, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		last := -1
		for _, name := range []string{seq.Train, seq.Valid, seq.Test} {
			p, first := split.Part(name), s.NumRows()
			for i := range p.Len() {
				first = min(first, int(slices.Min(p.Rows(i))))
			}
			if p.Len() == 0 || first <= last {
				t.Errorf("by %s: part %s has %d windows from row %d on, the one before went to %d", by, name, p.Len(), first, last)
			}
			for i := range p.Len() {
				last = max(last, int(slices.Max(p.Rows(i))))
			}
		}
		if split.Len()+split.Dropped != w.Len() || split.Dropped > w.Len()/10 {
			t.Errorf("by %s: %d of %d windows, %d dropped", by, split.Len(), w.Len(), split.Dropped)
		}
		some := split.Sample(10, 1)
		for _, part := range []string{seq.Train, seq.Valid, seq.Test} {
			for i, n := range table.Values[int64](some.Counts(), part) {
				if n != 10 {
					t.Errorf("by %s: a sample has %d windows of label %d in %s", by, n, i, part)
				}
			}
		}
		if windows(some) != windows(split.Sample(10, 1)) || windows(some) == windows(split.Sample(10, 2)) {
			t.Errorf("by %s: a sample is not by its seed", by)
		}
		if !slices.IsSortedFunc(some.starts, func(a, b uint32) int { return int(some.last(a)) - int(some.last(b)) }) {
			t.Errorf("by %s: a sample is not in order", by)
		}
	}
}

// Impossible shares and too few windows are refused in one line.
func TestSplitRefused(t *testing.T) {
	// There are 8 windows, and each cut costs one.
	w, err := few(t, "aaaaaaBBBBaaaaaa").Windows(WindowRules{Length: 2, By: ByAll})
	if err != nil {
		t.Fatal(err)
	}
	for want, shares := range map[string][2]float64{
		"want at most 1 in sum": {0.9, 0.2},
		"too few windows for test: train 4 (3 normal), valid 3 (3 normal), test 0 (0 normal): shorter windows": {0.5, 0.5},
		"too few windows for valid: train 3 (3 normal), valid 1 (0 normal), test 2 (2 normal)":                 {0.375, 0.25},
	} {
		if _, err := w.Split(SplitAll, shares[0], shares[1]); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if s, err := w.Split(SplitAll, 0.25, 0.5); err != nil || s.Len() != 6 || s.Dropped != 2 {
		t.Errorf("%v", err)
	}
}

// SplitEach splits each label on its own, and no flow is in two parts.
func TestSplitEach(t *testing.T) {
	w, err := few(t, "aaaaaaaaaaaa", "AAAAAAAAAAAA").Windows(WindowRules{Length: 2, Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Split(SplitAll, 0.4, 0.1); err != nil {
		t.Fatal(err)
	}
	s, err := w.Split(SplitEach, 0.4, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	want := table.New(table.Col(Label, []string{Benign, "Bot"}), table.Col(seq.Train, []int64{4, 4}),
		table.Col(seq.Valid, []int64{2, 2}), table.Col(seq.Test, []int64{3, 3}))
	if got := s.Counts().String(); got != want.String() || s.Dropped != 4 {
		t.Errorf("%d dropped\n%s", s.Dropped, got)
	}
	mixed, err := few(t, "abABabABabABabABabABabABabABabABabAB").Windows(WindowRules{Length: 4, Step: 1, By: ByAll})
	if err != nil {
		t.Fatal(err)
	}
	s, _ = mixed.Split(SplitEach, 0.4, 0.2)
	seen := map[uint32]string{}
	for _, name := range []string{seq.Train, seq.Valid, seq.Test} {
		p := s.Part(name)
		for i := range p.Len() {
			for _, row := range p.Rows(i) {
				if other, ok := seen[row]; ok && other != name {
					t.Fatalf("flow %d is in %s and %s", row, other, name)
				}
				seen[row] = name
			}
		}
	}
	if _, err := w.Split("luck", 0.4, 0.2); err == nil || !strings.Contains(err.Error(), `split by "luck"`) {
		t.Errorf("%v", err)
	}
}

func TestWindowsRefused(t *testing.T) {
	at := time.Date(2018, 2, 14, 9, 31, 1, 0, time.UTC)
	s := mustWrite(t, Options{}, 4,
		[]flow{{at, 80, 6, []float64{1, 1}, "", Benign, 0}, {at.Add(-time.Hour), 80, 6, []float64{1, 1}, "", Benign, 0}})
	for want, r := range map[string]WindowRules{
		"row 1 is of 2018-02-14 08:31:01, the one before it is later": {},
		`windows by "week"`:   {By: "week"},
		"windows of -1 flows": {Length: -1},
	} {
		if _, err := s.Windows(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestTimelineDays(t *testing.T) {
	s := few(t, "aaBb", "", "abcD")
	line, err := s.Timeline(2 * time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(line.Days()); got != "[{14 Feb 2018-02-14 09:00:00 +0000 UTC [[2 1] [0 1]]} "+
		"{16 Feb 2018-02-16 09:00:00 +0000 UTC [[2 1] [0 1]]}]" {
		t.Error(got)
	}
	if (&Timeline{}).Days() != nil {
		t.Error("days of nothing")
	}
}

// Windows and their sequences have the values of the table, whatever the order of the rows.
func TestSequences(t *testing.T) {
	s := mustWrite(t, Options{Sort: true}, 9000, random(70_000, 2, 5)) // more than a record batch
	w, err := s.Windows(WindowRules{Length: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"flow_duration", "flow_bytes_per_s", DestinationPort, Protocol} {
		all, v := s.Float64s(name), w.Float64s(name)
		for i := range w.Len() {
			for k, row := range w.Rows(i) {
				if v[i*5+k] != all[row] {
					t.Fatalf("%s of window %d, flow %d: %v, want %v", name, i, k, v[i*5+k], all[row])
				}
			}
		}
	}
	if got, want := w.Strings("source_ip")[7], s.Strings("source_ip")[w.Rows(1)[2]]; got != want {
		t.Errorf("an address: %s, want %s", got, want)
	}
	if w, err = w.Split(SplitAll, 0.6, 0.2); err != nil {
		t.Fatal(err)
	}
	e, err := encode.FitTable(w.Part(seq.Train).Normal(), encode.ZScore("flow_duration").Log(),
		encode.Number("flow_bytes_per_s"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := w.Sequences(e)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != w.Len() || set.Longest() != 5 ||
		!slices.Equal(set.Names(), []string{"flow_duration", "flow_bytes_per_s"}) ||
		set.Part(seq.Valid).Len() != w.Part(seq.Valid).Len() {
		t.Errorf("%v", set)
	}
	i := set.Len() / 2
	about, row := set.About(i), int(w.Rows(i)[0])
	if about.Label != w.Label(i) || about.Origin != row || !about.Start.Equal(s.Times(row, row+1)[0]) {
		t.Errorf("sequence %d: %+v", i, about)
	}
	if got, want := set.At(i)[1], float32(s.Float64s("flow_bytes_per_s")[row]); got != want {
		t.Errorf("a value: %v, want %v", got, want)
	}
}
