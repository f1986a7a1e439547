package baseline

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// sample returns n rows around 0, of which the last tenth is around 4.
func sample(n, features int) (rows []float32, classes []int) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		class := 0
		if i >= n-n/10 {
			class = 1
		}
		for range features {
			rows = append(rows, float32(r.NormFloat64()+4*float64(class)))
		}
		classes = append(classes, class)
	}
	return rows, classes
}

// TestSame checks that a model and its scores are the same on one core and on all, from float32 and
// float64.
func TestSame(t *testing.T) {
	values, classes := sample(5000, 7)
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	all := func(r Matrix) (s [][]float64) {
		z, err := FitZScore(r)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Logistic{}.Fit(r, classes)
		if err != nil {
			t.Fatal(err)
		}
		f, err := IsolationForest{Trees: 20, Seed: 3}.Fit(r)
		if err != nil {
			t.Fatal(err)
		}
		return [][]float64{z.Scores(r), z.RMS(r), l.Not(r, 0), f.Scores(r)}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	want := all(MatrixOf(values, 7))
	runtime.GOMAXPROCS(1)
	for k, s := range all(MatrixOf(wide, 7)) {
		if !slices.Equal(s, want[k]) {
			t.Errorf("scores %d differ", k)
		}
		slices.Sort(s[:4500])
		slices.Sort(s[4500:])
		if normal, attack := s[4000], s[4550]; normal > attack {
			t.Errorf("scores %d: one normal row in ten has %v, and one attack in ten less than %v", k, normal, attack)
		}
	}
	other, err := IsolationForest{Trees: 20, Seed: 4}.Fit(MatrixOf(values, 7))
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(other.Scores(MatrixOf(values, 7)), want[3]) {
		t.Error("another seed gives the same forest")
	}
}

func TestMajority(t *testing.T) {
	m, err := FitMajority([]int{1, 0, 2, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if m.Class() != 1 || !slices.Equal(m.Classes(2), []int{1, 1}) || !slices.Equal(m.Shares, []float64{0.2, 0.4, 0.4}) {
		t.Errorf("%+v", m)
	}
}

// TestErrors checks that unusable rows are an error of one line that says where.
func TestErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	fit := map[string]func() error{
		`baseline: z-score: no rows`: func() error {
			_,
				err := FitZScore(MatrixOf([]float32{}, 2))
			return err
		},
		`baseline: z-score: row 1, feature 0: NaN is not finite`: func() error {
			_,
				err := FitZScore(MatrixOf([]float32{1, 2, nan, 4}, 2))
			return err
		},
		`baseline: isolation forest: row 0, feature 1: -Inf is not`: func() error {
			_,
				err := IsolationForest{}.Fit(MatrixOf([]float32{1, inf}, 2))
			return err
		},
		`baseline: isolation forest: row 0: its values are too`: func() error {
			_,
				err := IsolationForest{}.Fit(MatrixOf([]float64{1e308, 1e308}, 2))
			return err
		},
		`baseline: isolation forest: -1 trees of 0 rows`: func() error {
			_,
				err := IsolationForest{Trees: -1}.Fit(MatrixOf([]float32{1}, 1))
			return err
		},
		`baseline: logistic: 1 classes for 2 rows`: func() error {
			_,
				err := Logistic{}.Fit(MatrixOf([]float32{1, 2}, 1), []int{1})
			return err
		},
		`baseline: logistic: all rows are of one class`: func() error {
			_,
				err := Logistic{}.Fit(MatrixOf([]float32{1, 2}, 1), []int{1, 1})
			return err
		},
		`baseline: logistic: row 1: class 2, want 0 to 1`: func() error {
			_, err := Logistic{Classes: 2}.Fit(MatrixOf([]float32{1, 2}, 1), []int{1, 2})
			return err
		},
		`baseline: logistic: row 0: class -1, want 0 to 1`: func() error {
			_,
				err := Logistic{}.Fit(MatrixOf([]float32{1, 2}, 1), []int{-1, 1})
			return err
		},
		`baseline: logistic: L2 -1, tolerance 0, 0 steps`: func() error {
			_,
				err := Logistic{L2: -1}.Fit(MatrixOf([]float32{1, 2}, 1), []int{0, 1})
			return err
		},
		`baseline: logistic: row 1, feature 0: NaN is not finite`: func() error {
			_,
				err := Logistic{}.Fit(MatrixOf([]float32{1, nan}, 1), []int{0, 1})
			return err
		},
		`baseline: majority: no classes`: func() error {
			_,
				err := FitMajority(nil)
			return err
		},
		`baseline: majority: row 1: class -1`: func() error {
			_,
				err := FitMajority([]int{0, -1})
			return err
		},
	}
	for want, do := range fit {
		if err := do(); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	// A row that is not finite has no score, but the others do.
	values, classes := sample(100, 2)
	rows, bad := MatrixOf(values, 2), MatrixOf([]float32{1, nan, 0, 0, inf, 1}, 2)
	z, _ := FitZScore(rows)
	f, _ := IsolationForest{}.Fit(rows)
	l, err := Logistic{}.Fit(rows, classes)
	if err != nil {
		t.Fatal(err)
	}
	for k, s := range [][]float64{z.Scores(bad), z.RMS(bad), f.Scores(bad), l.Not(bad, 0)} {
		if !math.IsNaN(s[0]) || math.IsNaN(s[1]) || !math.IsNaN(s[2]) {
			t.Errorf("scores %d: %v", k, s)
		}
	}
	if got, worst := l.Predict(bad), z.Worst(bad); !slices.Equal(got, []int{-1, 0, -1}) || worst[0] != -1 ||
		worst[1] < 0 {
		t.Errorf("classes %v, features %v", got, worst)
	}
	defer func() {
		if recover() == nil {
			t.Error("rows of another width: no panic")
		}
	}()
	z.Scores(MatrixOf(values, 4))
}

// TestEdges fits equal rows, a single row, more classes than occur, and classes that a plane
// separates.
func TestEdges(t *testing.T) {
	same := MatrixOf([]float32{5, 5, 5, 5, 5, 5}, 2)
	f, err := IsolationForest{}.Fit(same)
	if err != nil {
		t.Fatal(err)
	}
	// A tree is one leaf of 3 rows, so its path is c(3) and the exponent c(3)/c(3).
	if s := f.Scores(same); math.Abs(s[0]-0.5) > 1e-12 {
		t.Errorf("rows that are alike: score %v, want 0.5", s[0])
	}
	if f, err = (IsolationForest{}).Fit(MatrixOf([]float32{5, 5}, 2)); err != nil || f.Scores(same)[0] != 0.5 {
		t.Errorf("one row: %v, %v", f.Scores(same), err)
	}
	z, err := FitZScore(same)
	if err != nil || z.Scores(MatrixOf([]float32{5, 7}, 2))[0] != 2 {
		t.Errorf("a feature that is always the same: %+v, %v", z, err)
	}
	l, err := Logistic{Classes: 4, L2: 1e-6, Balanced: true}.Fit(MatrixOf([]float32{0, 1, 2, 3}, 1), []int{0, 0, 3, 3})
	if err != nil || !l.Converged || !slices.Equal(l.Predict(MatrixOf([]float32{-1, 0.5, 2.5, 100}, 1)),
		[]int{0, 0, 3, 3}) {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestAveragePath compares c(n) with the sum that it approximates: ln i + γ is 1/2i below the
// harmonic number.
func TestAveragePath(t *testing.T) {
	for n, want := range map[int]float64{0: 0, 1: 0, 2: 1, 256: 10.2447709} {
		if got := averagePath(n); math.Abs(got-want) > 5e-8 {
			t.Errorf("c(%d) = %v, want %v", n, got, want)
		}
	}
	harmonic := 1.0
	for n := 3; n <= 3000; n++ {
		i := float64(n - 1)
		harmonic += 1 / i
		off := 2*harmonic - 2*i/float64(n) - averagePath(n)
		if off < 0.8/i || off > 1/i {
			t.Errorf("c(%d) = %v, the sum is %v more", n, averagePath(n), off)
		}
	}
}
