package cic2018

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// few is a table of two days: a letter for each flow in the order of time, of the port that its place in "abc…" names,
// an attack where it is a capital.
func few(t *testing.T, days ...string) *Set {
	t.Helper()
	text := "Dst Port,Protocol,Timestamp,Number,Label\n"
	n := 0
	for d, flows := range days {
		for i, c := range flows {
			label := "Benign"
			if strings.ToUpper(string(c)) == string(c) {
				label = "Bot"
			}
			text += fmt.Sprintf("%d,6,%02d/02/2018 09:%02d:00,%d,%s\n", strings.Index("abcdefgh", strings.ToLower(string(c))), 14+d, i, n, label)
			n++
		}
	}
	return mustLoad(t, Options{Sort: true}, written(t, "few.csv", text))
}

// windows gives the windows as the numbers of their flows, with a star behind those of an attack.
func windows(w *Windows) string {
	var all []string
	for i := range w.Len() {
		one := strings.Trim(fmt.Sprint(w.Rows(i)), "[]")
		if w.Classes()[i] > 0 {
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
	if got := w.Table("Number", "Dst Port").Float64s("Number"); !slices.Equal(got, []float64{0, 1, 3, 4, 2, 5, 6, 7, 9, 12, 10, 13}) {
		t.Errorf("numbers %v", got)
	}
	if got := w.Counts().String(); got != "Benign    5\nBot       1\nName: Label, dtype: int64\n" {
		t.Errorf("counts\n%s", got)
	}
	if got := w.Attacks(); !slices.Equal(got, []string{"", "", "Bot", "", "", ""}) || w.Normal().Len() != 5 {
		t.Errorf("attacks %q", got)
	}
	sum := w.Summary()
	if got := fmt.Sprint(ClassesOf(sum), Numbers(sum, false)); got != "[0 0 1 0 0 0] [2]" || !slices.Equal(s.Classes(), []string{"Benign", "Bot"}) || !slices.Equal(s.Features(), []string{"Number", "Protocol"}) {
		t.Errorf("classes %s of %q, features %q", got, s.Classes(), s.Features())
	}
	if normal, attack := Parts(sum); normal.NumRows() != 5 || attack.NumRows() != 1 || attack.Strings("attack")[0] != "Bot" {
		t.Errorf("parts\n%v\n%v", normal, attack)
	}
	if p, err := ParsePolicy("clip"); p != Clip || err != nil {
		t.Errorf("clip: %v, %v", p, err)
	}
	if _, err := ParsePolicy("mean"); err == nil {
		t.Error("a policy that is none: no error")
	}
	if got := w.Flows(2)[1].String(); got != "2018-02-14 09:05:00 port 1: Bot" {
		t.Errorf("a flow: %s", got)
	}
}

// Parts follow each other in time, and a window over a cut is in none.
func TestWindowsSplit(t *testing.T) {
	path, _ := simulated(t, flowsim.File{Rows: 6000, Days: 3, Labels: []flowsim.Label{{Name: Benign, Share: 3}, {Name: "Bot", Share: 1, From: 0.2, To: 0.5}}})
	s := mustLoad(t, Options{Sort: true, Afternoon: true}, path)
	for _, by := range []By{ByDestination, ByDay, ByAll} {
		w, err := s.Windows(WindowRules{Length: 8, By: by})
		if err != nil {
			t.Fatal(err)
		}
		parts, dropped := w.Split(0.5, 0.2)
		all, last := dropped, uint32(0)
		for k, p := range parts {
			first := uint32(1 << 31)
			for i := range p.Len() {
				first = min(first, slices.Min(p.Rows(i)))
			}
			if p.Len() == 0 || k > 0 && first <= last {
				t.Errorf("by %s: part %d has %d windows from row %d on, the one before went to %d", by, k, p.Len(), first, last)
			}
			for i := range p.Len() {
				last = max(last, slices.Max(p.Rows(i)))
			}
			all += p.Len()
		}
		if all != w.Len() || dropped > w.Len()/10 {
			t.Errorf("by %s: %d of %d windows, %d dropped", by, all, w.Len(), dropped)
		}
		some := w.Sample(10, 1)
		for _, c := range some.Counts() {
			if c.Rows != 10 {
				t.Errorf("by %s: a sample has %d windows of %s", by, c.Rows, c.Label)
			}
		}
		if !slices.IsSortedFunc(some.starts, func(a, b uint32) int { return int(some.last(a)) - int(some.last(b)) }) || windows(some) != windows(w.Sample(10, 1)) || windows(some) == windows(w.Sample(10, 2)) {
			t.Errorf("by %s: a sample is not in order, or not by its seed", by)
		}
	}
}

func TestWindowsRefused(t *testing.T) {
	path := written(t, "day.csv", head5+"80,6,14/02/2018 09:31:01,3,Benign\n80,6,14/02/2018 08:31:01,3,Benign\n")
	s := mustLoad(t, Options{}, path)
	for want, r := range map[string]WindowRules{"row 1 is of 2018-02-14 08:31:01, the one before it is later": {}, `windows by "week"`: {By: "week"}, "windows of -1 flows": {Length: -1}} {
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
	if got := fmt.Sprint(line.Days()); got != "[{14 Feb 2018-02-14 09:00:00 +0000 UTC [[2 1] [0 1]]} {16 Feb 2018-02-16 09:00:00 +0000 UTC [[2 1] [0 1]]}]" {
		t.Error(got)
	}
	var none *Timeline = &Timeline{}
	if none.Days() != nil {
		t.Error("days of nothing")
	}
}

// The values of windows are those of the set, whatever the order of the rows.
func TestWindowsTable(t *testing.T) {
	path, _ := simulated(t, flowsim.File{Rows: 70_000, Days: 2}) // more than a batch
	s := mustLoad(t, Options{Sort: true, Infinite: Clip, Missing: Fill}, path)
	w, err := s.Windows(WindowRules{Length: 5})
	if err != nil {
		t.Fatal(err)
	}
	columns := []string{"Flow Duration", "Flow Byts/s", "Dst Port", "Protocol"}
	got := w.Table(columns...)
	for _, name := range columns {
		all, v := s.Float32s(name, 0, s.NumRows()), table.Values[float32](got, name)
		for i := range w.Len() {
			for k, row := range w.Rows(i) {
				if v[i*5+k] != all[row] {
					t.Fatalf("%s of window %d, flow %d: %v, want %v", name, i, k, v[i*5+k], all[row])
				}
			}
		}
	}
}
