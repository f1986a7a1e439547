package baseline

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// golden is the output of testdata/golden_sklearn.py.
type golden struct {
	Features      int
	Rows, Queries []float64
	Classes       []int
	Mean, Std     []float64
	Z             [][]float64
	Logistic      map[string]struct {
		Coef      [][]float64
		Intercept []float64
		Probs     [][]float64
		Classes   []int
	}
	Trees           [][][5]float64
	Forest, Forests []float64
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/golden_sklearn.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Logistic) != 4 || len(g.Trees) != 25 || len(g.Z) != 30 || len(g.Forests) != 30 {
		t.Fatalf("the golden file has %d, %d, %d and %d cases", len(g.Logistic), len(g.Trees), len(g.Z), len(g.Forests))
	}
	return g
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*max(1, math.Abs(b)) }

func TestZScoreSklearn(t *testing.T) {
	g := readGolden(t)
	z, err := FitZScore(MatrixOf(g.Rows, g.Features))
	if err != nil {
		t.Fatal(err)
	}
	for k := range z.Mean {
		if !near(z.Mean[k], g.Mean[k], 1e-13) || !near(z.Std[k], g.Std[k], 1e-12) {
			t.Errorf("feature %d: mean %v, deviation %v, want %v, %v", k, z.Mean[k], z.Std[k], g.Mean[k], g.Std[k])
		}
	}
	queries := MatrixOf(g.Queries, g.Features)
	largest, worst, rms := z.Scores(queries), z.Worst(queries), z.RMS(queries)
	for i, row := range g.Z {
		var most, sum float64
		at := 0
		for k, v := range row {
			sum += v * v
			if math.Abs(v) > most {
				most, at = math.Abs(v), k
			}
		}
		if !near(largest[i], most, 1e-9) || worst[i] != at || !near(rms[i], math.Sqrt(sum/float64(len(row))), 1e-9) {
			t.Errorf("row %d: %v of feature %d, want %v of %d", i, largest[i], worst[i], most, at)
		}
	}
}

func TestLogisticSklearn(t *testing.T) {
	g := readGolden(t)
	attack := make([]int, len(g.Classes))
	for i, c := range g.Classes {
		attack[i] = min(c, 1)
	}
	for name, c := range map[string]struct {
		how     Logistic
		classes []int
	}{
		"binary":          {Logistic{}, attack},
		"binary balanced": {Logistic{Balanced: true}, attack},
		"three":           {Logistic{L2: 0.1}, g.Classes},
		"three balanced":  {Logistic{L2: 2, Balanced: true}, g.Classes},
	} {
		want := g.Logistic[name]
		c.how.Tolerance = 1e-8 // below that, rounding of the loss hides the slope
		m, err := c.how.Fit(MatrixOf(g.Rows, g.Features), c.classes)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.W) != len(want.Coef) {
			t.Fatalf("%s: %d outputs, want %d", name, len(m.W), len(want.Coef))
		}
		for k, w := range m.W {
			for f, v := range w {
				if !near(v, want.Coef[k][f], 1e-6) {
					t.Errorf("%s: weight %d of output %d is %v, want %v", name, f, k, v, want.Coef[k][f])
				}
			}
			// Adding the same number to the biases of all outputs changes nothing.
			if a, b := m.B[k]-m.B[0], want.Intercept[k]-want.Intercept[0]; !near(a, b, 1e-6) || len(m.B) == 1 &&
				!near(m.B[0], want.Intercept[0], 1e-6) {
				t.Errorf("%s: offset %v, want %v", name, m.B, want.Intercept)
			}
		}
		if !m.Converged {
			t.Errorf("%s: not at the minimum after %d steps", name, m.Steps)
		}
		queries := MatrixOf(g.Queries, g.Features)
		p, scores := m.Probs(queries), m.Not(queries, 0)
		for i, row := range want.Probs {
			for k, v := range row {
				if !near(p[i*m.Classes+k], v, 1e-5) {
					t.Errorf("%s: row %d: probability of class %d is %v, want %v", name, i, k, p[i*m.Classes+k], v)
				}
			}
			if !near(scores[i], 1-row[0], 1e-5) {
				t.Errorf("%s: row %d: score %v, want %v", name, i, scores[i], 1-row[0])
			}
		}
		if got := m.Predict(queries); !slices.Equal(got, want.Classes) {
			t.Errorf("%s: classes %v, want %v", name, got, want.Classes)
		}
	}
}

// TestForestScoresSklearn computes the scores of a forest of scikit-learn from its trees: paths,
// c(n) and the exponent.
func TestForestScoresSklearn(t *testing.T) {
	g := readGolden(t)
	f := &Isolation{features: g.Features, sample: 64}
	for _, nodes := range g.Trees {
		var tr tree
		for _, n := range nodes {
			tr = append(tr, node{feature: int(n[0]), threshold: n[1], left: int(n[2]), right: int(n[3]),
				size: int(n[4])})
		}
		f.trees = append(f.trees, tr)
	}
	for i, s := range f.Scores(MatrixOf(g.Queries, g.Features)) {
		if !near(s, g.Forest[i], 1e-12) {
			t.Errorf("row %d: %v, want %v", i, s, g.Forest[i])
		}
	}
}

// TestForestsSklearn compares the mean scores of our forests over many seeds with those of
// scikit-learn over 200. The random numbers differ: scores of single forests of 100 trees differ by
// about 0.015, so the mean of 50 by about 0.002.
func TestForestsSklearn(t *testing.T) {
	g := readGolden(t)
	var normal []float64
	for i, c := range g.Classes {
		if c == 0 {
			normal = append(normal, g.Rows[i*g.Features:][:g.Features]...)
		}
	}
	mean := make([]float64, len(g.Forests))
	const seeds = 50
	for seed := range uint64(seeds) {
		f, err := IsolationForest{Seed: seed}.Fit(MatrixOf(normal, g.Features))
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range f.Scores(MatrixOf(g.Queries, g.Features)) {
			mean[i] += s / seeds
		}
	}
	for i, want := range g.Forests {
		if math.Abs(mean[i]-want) > 0.008 {
			t.Errorf("row %d: %v, want %v", i, mean[i], want)
		}
	}
}
