package table

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

var day = time.Date(2026, 1, 2, 3, 4, 5, 6_000, time.UTC)

func sample() *Table {
	return New(
		Col("length", []float64{60, 1500, math.NaN(), 60.25}),
		Col("rate", []float32{0.1, 2, 3, 4}),
		Col("port", []int64{443, 80, 443, 22}),
		Col("label", []string{"b", "a", "b", "c"}),
		Col("syn", []bool{true, false, false, true}),
		Col("time", []time.Time{day, day.Add(time.Second), day, day}),
	)
}

func TestSelect(t *testing.T) {
	s := sample()
	if got := s.Select("port", "length").Names(); !slices.Equal(got, []string{"port", "length"}) {
		t.Errorf("Select: %v", got)
	}
	if got := s.Drop("time", "length").Names(); !slices.Equal(got, []string{"rate", "port", "label", "syn"}) {
		t.Errorf("Drop: %v", got)
	}
	r := s.Rename("port", "dst port")
	if !r.Has("dst port") || r.Has("port") || !s.Has("port") {
		t.Errorf("Rename: %v, of %v", r.Names(), s.Names())
	}
	w := s.With(Col("port", []string{"1", "2", "3", "4"})).With(Col("n", []int64{0, 1, 2, 3}))
	if w.Column("port").Type() != String || !w.Has("n") || s.Column("port").Type() != Int64 {
		t.Errorf("With: %s", typesOf(w))
	}
	where := s.Where(func(r Row) bool {
		return r.Float64("port") == 443 && r.String("label") == "b" && r.Index() < 2 && r.Bool("syn") &&
			r.Time("time").Equal(day)
	})
	if where.NumRows() != 1 || typesOf(where) != typesOf(s) {
		t.Errorf("Where:\n%v", where)
	}
	if got := s.Where(func(Row) bool { return false }); got.NumRows() != 0 || len(got.Names()) != 6 {
		t.Errorf("Where of nothing:\n%v", got)
	}
	if s.Head(2).NumRows() != 2 || s.Head(99).NumRows() != 4 || s.Head(-1).NumRows() != 0 {
		t.Error("Head does not stop at the ends")
	}
}

func TestValues(t *testing.T) {
	s := sample()
	if got := s.Float64s("rate"); got[0] != float64(float32(0.1)) {
		t.Errorf("float32 as float64: %v", got)
	}
	if got := s.Float64s("syn"); !slices.Equal(got, []float64{1, 0, 0, 1}) {
		t.Errorf("bools as float64: %v", got)
	}
	if got := s.Float64s("time"); got[1]-got[0] != 1 {
		t.Errorf("times as float64: %v", got)
	}
	for name, want := range map[string]string{"length": "60 1500 NaN 60.25", "rate": "0.1 2 3 4", "port": "443 80 443 22",
		"syn": "true false false true", "label": "b a b c"} {
		if got := strings.Join(s.Strings(name), " "); got != want {
			t.Errorf("%s as text: %s, want %s", name, got, want)
		}
	}
}

func TestSummaries(t *testing.T) {
	s := sample()
	if got, want := s.Counts("label").String(), "label  count\nb          2\na          1\nc          1\n"; got != want {
		t.Errorf("Counts:\n%swant\n%s", got, want)
	}
	if got := s.Rename("label", "count").Counts("count").Names(); !slices.Equal(got, []string{"count", "count of it"}) {
		t.Errorf("counts of a column called count: %v", got)
	}
	d := s.Describe()
	// The results of pandas' describe for 60, 1500 and 60.25.
	for name, want := range map[string]float64{
		"count":  3,
		"mean":   540.0833333333334,
		"std":    831.3122282472051,
		"min":    60,
		"25%":    60.125,
		"median": 60.25,
		"75%":    780.125,
		"max":    1500,
	} {
		if got := d.Float64s(name)[0]; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	if got := d.Strings("column"); !slices.Equal(got, []string{"length", "rate", "port"}) {
		t.Errorf("columns of numbers: %v", got)
	}
	empty := New(Col("x", []float64{math.NaN()}), Col("one", []float64{5})).Describe()
	if got := empty.Strings("max"); got[0] != "NaN" || got[1] != "5" {
		t.Errorf("of no value:\n%v", empty)
	}
	if !math.IsNaN(empty.Float64s("std")[1]) {
		t.Error("one value has a standard deviation")
	}
}

func TestShow(t *testing.T) {
	want := "length  rate  port  label  syn    time\n" +
		"    60   0.1   443  b      true   2026-01-02 03:04:05.000006\n" +
		"  1500     2    80  a      false  2026-01-02 03:04:06.000006\n" +
		"   NaN     3   443  b      false  2026-01-02 03:04:05.000006\n" +
		" 60.25     4    22  c      true   2026-01-02 03:04:05.000006\n"
	if got := sample().String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var columns []Column
	for i := range 22 {
		columns = append(columns, Col(string(rune('a'+i)), make([]int64, 23)))
	}
	bundle, err := New(columns...).MIME()
	if err != nil || !strings.HasSuffix(bundle["text/plain"].(string), "\n… 3 more rows; … 2 more columns\n") {
		t.Errorf("%v, %v", bundle["text/plain"], err)
	}
	html := New(Col("<b>", []string{"<script>alert(1)</script>"})).layout().HTML()
	if strings.Contains(html, "<script") || strings.Contains(html, "<b>") {
		t.Errorf("text stands unescaped in %s", html)
	}
	if s := new(Table).String(); s != "\n" && s != "" {
		t.Errorf("a table without columns shows as %q", s)
	}
}

func TestPanics(t *testing.T) {
	s := sample()
	for want, f := range map[string]func(){
		`table: New: column "b" has 2 rows, column "a" has 1`: func() {
			New(Col("a", []int64{1}), Col("b", []int64{1, 2}))
		},
		`table: New: two columns "a"`: func() { New(Col("a", []int64{1}), Col("a", []int64{1})) },
		`table: no column "Lenght": there are ["length" "rate" "port" "label" "syn" "time"]`: func() { s.Select("Lenght") },
		`table: no column "x": there are ["length" "rate" "port" "label" "syn" "time"]`:      func() { s.Drop("x") },
		`table: column "port" is int64, not float64`: func() {
			Values[float64](s, "port")
		},
		`table: column "label" is string, not numbers`: func() { s.Float64s("label") },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("got %v, want %s", got, want)
				}
			}()
			f()
		}()
	}
}

func TestInts(t *testing.T) {
	if got := New(IntCol("n", []int{3, -1})).Ints("n"); len(got) != 2 || got[0] != 3 || got[1] != -1 {
		t.Errorf("got %v", got)
	}
}
