package table

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestConcat(t *testing.T) {
	make := func(x float64, s string) *Table {
		return New(Col("f", []float64{x}), Col("g", []float32{float32(x)}), Col("i", []int64{int64(x)}),
			Col("s", []string{s}), Col("b", []bool{x > 1}), Col("t", []time.Time{time.Unix(int64(x), 0).UTC()}))
	}
	a, b := make(1, "one"), make(2, "two")
	got := Concat(a, b, a.Head(0), a)
	if got.NumRows() != 3 || a.NumRows() != 1 || got.Strings("s")[1] != "two" || got.Float64s("g")[1] != 2 ||
		got.Strings("b")[2] != "false" {
		t.Errorf("got\n%s", got)
	}
	if got = got.Take([]int{1, 1, 0}); strings.Join(got.Strings("i"), " ") != "2 2 1" || got.NumRows() != 3 {
		t.Errorf("taken\n%s", got)
	}
	for want, f := range map[string]func(){
		`columns ["x"] behind ["f"]`: func() { Concat(New(Col("f", []int64{1})), New(Col("x", []int64{1}))) },
		`column "f" is float64 behind int64`: func() {
			Concat(New(Col("f", []int64{1})), New(Col("f", []float64{math.NaN()})))
		},
	} {
		func() {
			defer func() {
				if said := recover(); said == nil || !strings.Contains(said.(string), want) {
					t.Errorf("panics with %v, want %q", said, want)
				}
			}()
			f()
		}()
	}
}
