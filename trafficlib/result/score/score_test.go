package score

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

func near(got, want float64) bool {
	return math.Abs(got-want) <= 1e-12 || math.IsNaN(got) && math.IsNaN(want)
}

func TestQuantile(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		v    []float64
		q    float64
		want float64 // numpy.quantile
	}{
		{[]float64{3, 1, 2, 10}, 0.5, 2.5}, {[]float64{3, 1, 2, 10}, 0.95, 8.95}, {[]float64{3, 1, 2, 10}, 1, 10},
		{[]float64{3, 1, 2, 10}, 0, 1}, {[]float64{7}, 0.3, 7}, {nil, 0.5, nan}, {[]float64{1, nan}, 0, nan},
		{[]float64{1, 2, inf}, 0.5, 2}, {[]float64{1, inf}, 0.5, inf},
	} {
		if got := Quantile(c.v, c.q); !near(got, c.want) && got != c.want {
			t.Errorf("Quantile(%v, %v) = %v, want %v", c.v, c.q, got, c.want)
		}
	}
	v := []float64{3, 1, 2}
	if Median(v) != 2 || Mean(v) != 2 || !math.IsNaN(Mean(nil)) || v[0] != 3 {
		t.Error("mean or median of 3, 1, 2 is not 2, or they were sorted in place")
	}
}

func TestCosine(t *testing.T) {
	want := []float32{1, 0, 3, 4, 0, 0, 1, 1, 1e20, 1e20, 0.1, 0.3}
	got := []float32{0, 2, 6, 8, 1, 1, -1, -1, 1e-20, 0, 0.1, 0.3}
	for i, c := range Cosine(want, got, 2) {
		if w := []float64{0, 1, 0, -1, 1 / math.Sqrt2, 1}[i]; !near(c, w) || c > 1 || c < -1 {
			t.Errorf("row %d: %v, want %v", i, c, w)
		}
	}
	if len(Cosine(nil, nil, 3)) != 0 {
		t.Error("no rows have a cosine")
	}
}

func TestMSE(t *testing.T) {
	var m MSE
	m.Add([]float32{1, 2, 3, 4}, []float32{1, 0, 0, 4}, 2)
	m.Add([]float32{0, 0}, []float32{0, 1}, 2)
	if got := m.Features(); !near(got[0], 3) || !near(got[1], 5./3) || !near(m.Mean(), 7./3) {
		t.Errorf("per feature %v, mean %v", got, m.Mean())
	}
	if !math.IsNaN(new(MSE).Mean()) {
		t.Error("no rows have a mean error")
	}
}

// TestRepeatLast checks that the first packet is predicted by zeros and each other one by the
// previous packet.
func TestRepeatLast(t *testing.T) {
	set := seq.New(2, []float32{9, 9}, []float32{1, 0, 1, 0, 0, 1}).Subset([]int{1})
	p, err := RepeatLast(seq.NextStep{Set: set.WithParts("test"), SequenceLen: 5})
	if err != nil {
		t.Fatal(err)
	}
	// Cosines 0, 1, 0 and squared errors 1, 0, 2 over three packets of two features.
	want := Session{Origin: 1, Part: "test", Steps: 3, Cosine: 1. / 3, MSE: 0.5, Score: 2. / 3}
	got := p.Sessions[0]
	if len(p.Sessions) != 1 || math.Abs(got.Cosine-want.Cosine) > 1e-12 || math.Abs(got.MSE-want.MSE) > 1e-12 ||
		got.Origin != want.Origin || got.Part != want.Part || got.Steps != want.Steps ||
		math.Abs(got.Score-want.Score) > 1e-12 {
		t.Errorf("got %+v, want %+v", p.Sessions, want)
	}
	if _, err := RepeatLast(seq.NextStep{Set: seq.New(2)}); err == nil {
		t.Error("no sequences: no error")
	}
}

func TestROC(t *testing.T) {
	for _, c := range []struct {
		normal, attack []float64
		fpr, tpr       []float64
		auc            float64
	}{
		{[]float64{1, 2}, []float64{3, 4}, []float64{0, 0, 0, 0.5, 1}, []float64{0, 0.5, 1, 1, 1}, 1},
		{[]float64{3, 4}, []float64{1, 2}, []float64{0, 0.5, 1, 1, 1}, []float64{0, 0, 0, 0.5, 1}, 0},
		{[]float64{5, 5}, []float64{5}, []float64{0, 1}, []float64{0, 1}, 0.5},
		// The attack wins 1 of 4 pairs, ties one with the 2, and wins all 4 with the infinity.
		{[]float64{1, 2, 3, 4}, []float64{2, math.Inf(1)}, []float64{0, 0, 0.25, 0.5, 0.75, 1},
			[]float64{0, 0.5, 0.5, 0.5, 1, 1}, 5.5 / 8},
	} {
		got, err := ROC(c.normal, c.attack)
		if err != nil || !slices.Equal(got.FPR, c.fpr) || !slices.Equal(got.TPR, c.tpr) || got.AUC != c.auc {
			t.Errorf("ROC(%v, %v) = %+v, %v", c.normal, c.attack, got, err)
		}
		if len(got.Thresholds) != len(got.FPR) || !math.IsInf(got.Thresholds[0], 1) {
			t.Errorf("thresholds %v", got.Thresholds)
		}
	}
	for _, bad := range [][2][]float64{{nil, {1}}, {{1}, nil}, {{1, math.NaN()}, {1}}, {{1}, {math.NaN()}}} {
		if got, err := ROC(bad[0], bad[1]); err == nil {
			t.Errorf("ROC(%v, %v) = %+v, want an error", bad[0], bad[1], got)
		}
	}
}

// TestROCIsMannWhitney checks that the area is the Mann–Whitney statistic by its definition, and
// that each point holds the rates of its threshold.
func TestROCIsMannWhitney(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		draw := func(shift float64) []float64 {
			v := make([]float64, 1+r.IntN(30))
			for i := range v {
				v[i] = math.Round(r.NormFloat64()*3 + shift) // few values, so that there are ties
			}
			return v
		}
		normal, attack := draw(0), draw(2)
		u := 0.0
		for _, n := range normal {
			for _, a := range attack {
				switch {
				case a > n:
					u++
				case a == n:
					u += 0.5
				}
			}
		}
		c, err := ROC(normal, attack)
		if err != nil || c.AUC != u/float64(len(normal)*len(attack)) {
			t.Fatalf("AUC %v, %v, want %v", c.AUC, err, u/float64(len(normal)*len(attack)))
		}
		for i, threshold := range c.Thresholds {
			k := Confuse(normal, attack, threshold)
			if k.Recall() != c.TPR[i] || ratio(k.FP, k.FP+k.TN) != c.FPR[i] {
				t.Fatalf("threshold %v: %+v, the curve has %v, %v", threshold, k, c.FPR[i], c.TPR[i])
			}
		}
	}
}

func TestConfusion(t *testing.T) {
	c := Confuse([]float64{0.1, 0.2, 0.5, math.NaN()}, []float64{0.5, 0.9, 0.3}, 0.5)
	if c != (Confusion{TP: 2, FP: 1, TN: 3, FN: 1}) {
		t.Errorf("got %+v", c)
	}
	if !near(c.Precision(), 2./3) || !near(c.Recall(), 2./3) || !near(c.F1(), 2./3) || !near(c.Accuracy(), 5./7) {
		t.Errorf("ratios of %+v: %v %v %v %v", c, c.Precision(), c.Recall(), c.F1(), c.Accuracy())
	}
	var none Confusion
	for _, v := range []float64{none.Precision(), none.Recall(), none.F1(), none.Accuracy()} {
		if !math.IsNaN(v) {
			t.Errorf("a ratio of nothing is %v", v)
		}
	}
	want := "        alarm  no alarm\nattack      2         1\nnormal      1         3\nprecision 0.667, recall " +
		"0.667, F1 0.667, accuracy 0.714\n"
	if c.String() != want {
		t.Errorf("got\n%swant\n%s", c, want)
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"cosine of two lengths": func() { Cosine(make([]float32, 2), make([]float32, 4), 2) },
		"half a row":            func() { Cosine(make([]float32, 3), make([]float32, 3), 2) },
		"no features":           func() { Cosine(nil, nil, 0) },
		"another width":         func() { var m MSE; m.Add(nil, nil, 2); m.Add(nil, nil, 3) },
		"quantile 2":            func() { Quantile(nil, 2) },
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
