package encode

import (
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
)

func must(t testing.TB) func(*RowEncoder, error) *RowEncoder {
	return func(e *RowEncoder, err error) *RowEncoder {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

func TestL2(t *testing.T) {
	rows := []float32{3, 4, 0, 0, -1e30, 0, math.MaxFloat32, math.MaxFloat32, 1e-45, 0}
	L2(2).Transform(rows)
	r2 := float32(1 / math.Sqrt2)
	if want := []float32{0.6, 0.8, 0, 0, -1, 0, r2, r2, 1, 0}; !slices.Equal(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	if err := L2(2).Inverse(rows); err == nil ||
		err.Error() != `encode: kind "l2" has no inverse: the length of each row is lost` {
		t.Errorf("Inverse: %v", err)
	}
}

func TestMinMax(t *testing.T) {
	e := must(t)(MinMax([]float64{0, -97.171, 5}, []float64{2, 0, 5}))
	rows := []float32{1, 0, 5, 4, -97.171, 7, -2, 97.171, 0}
	e.Transform(rows)
	want := []float32{0.5, 1, 0, 2, float32((float64(float32(-97.171)) + 97.171) / 97.171), 0, -1, 2, 0}
	if !slices.Equal(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	c := e.Clip()
	rows = []float32{1, -98, 5, 4, 1, 7, -2, -97, 0}
	c.Transform(rows)
	if rows[1] != 0 || rows[3] != 1 || rows[4] != 1 || rows[6] != 0 {
		t.Errorf("clipped: %v", rows)
	}
	if e.clip {
		t.Error("Clip changed its receiver")
	}
}

func TestInverse(t *testing.T) {
	e := must(t)(MinMax([]float64{0, -97.171, 5}, []float64{2, 0, 5}))
	rows := []float32{1, -3.5, 5, 0, 12, 5}
	got := slices.Clone(rows)
	e.Transform(got)
	if err := e.Inverse(got); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if math.Abs(float64(got[i]-rows[i])) > 1e-5 {
			t.Errorf("there and back: got %v, want %v", got, rows)
			break
		}
	}
}

// No finite value becomes infinite on the way.
func TestStaysFinite(t *testing.T) {
	e := must(t)(MinMax([]float64{0}, []float64{1e-30}))
	rows := []float32{math.MaxFloat32, -math.MaxFloat32}
	e.Transform(rows)
	if want := []float32{math.MaxFloat32, -math.MaxFloat32}; !slices.Equal(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
}

func TestMinMaxRefuses(t *testing.T) {
	for _, c := range []struct {
		min, max []float64
		want     string
	}{
		{nil, nil, "encode: 0 features, want 1 or more"},
		{[]float64{1}, []float64{1, 2}, "encode: 1 minima and 2 maxima for 1 features"},
		{[]float64{0, 1}, []float64{1, math.NaN()}, "encode: feature 1: limits 1 … NaN are not finite"},
		{[]float64{math.Inf(-1)}, []float64{1}, "encode: feature 0: limits -Inf … 1 are not finite"},
		{[]float64{-1e308}, []float64{1e308}, "encode: feature 0: limits -1e+308 … 1e+308 are not finite"},
		{[]float64{2}, []float64{1}, "encode: feature 0: minimum 2 is above maximum 1"},
	} {
		if _, err := MinMax(c.min, c.max); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// rows are slices of whole rows.
type rows struct {
	features int
	parts    [][]float32
}

func (r rows) Features() int                  { return r.features }
func (r rows) Sequences() iter.Seq[[]float32] { return slices.Values(r.parts) }

func TestFitMinMax(t *testing.T) {
	parts := [][]float32{{1, -5, 2, 7}, {}, {3, 0}}
	e := must(t)(FitMinMax(rows{2, parts}))
	if !slices.Equal(e.min, []float64{1, -5}) || !slices.Equal(e.max, []float64{3, 7}) {
		t.Errorf("limits %v … %v", e.min, e.max)
	}
	for want, parts := range map[string][][]float32{
		"encode: no rows to fit on":              {{}},
		"encode: row 2: feature 1: NaN":          {{1, 2, 3, 4}, {5, float32(math.NaN())}},
		"encode: row 0: feature 0: +Inf":         {{float32(math.Inf(1)), 0}},
		"encode: after row 1: 3 values are not ": {{1, 2}, {1, 2, 3}},
	} {
		if _, err := FitMinMax(rows{2, parts}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := FitMinMax(rows{0, parts}); err == nil {
		t.Error("no features: no error")
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"no features": func() { L2(0) },
		"half a row":  func() { L2(2).Transform(make([]float32, 3)) },
		"zero value":  func() { new(RowEncoder).Transform(nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
