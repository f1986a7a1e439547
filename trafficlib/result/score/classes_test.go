package score

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// TestClassesSklearn compares reports and curves with testdata/golden_classes.py.
func TestClassesSklearn(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_classes.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Reports []struct {
			Classes               int
			Want, Got, Support    []int
			Matrix                [][]int
			Precision, Recall, F1 []*float64
			Macro, Weighted       []float64
			Accuracy              float64
		}
		Curves []struct {
			Normal, Attack, Precision, Recall, Thresholds []float64
			Average, AUC                                  float64
		}
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Reports) != 4 || len(g.Curves) != 4 {
		t.Fatalf("the golden file has %d and %d cases", len(g.Reports), len(g.Curves))
	}
	same := func(got float64, want *float64) bool {
		if want == nil {
			return math.IsNaN(got)
		}
		return closeTo(got, *want, 1e-12)
	}
	for i, r := range g.Reports {
		names := make([]string, r.Classes)
		m := ConfuseClasses(names, r.Want, r.Got)
		if fmt.Sprint(m.Counts) != fmt.Sprint(r.Matrix) || !closeTo(m.Accuracy(), r.Accuracy, 1e-12) {
			t.Errorf("report %d: matrix %v, accuracy %v", i, m.Counts, m.Accuracy())
		}
		for c := range names {
			// In scikit-learn, F1 is NaN only if precision and recall both are.
			if !same(m.Precision(c), r.Precision[c]) || !same(m.Recall(c), r.Recall[c]) ||
				m.Support(c) != r.Support[c] || !math.IsNaN(m.F1(c)) && !same(m.F1(c), r.F1[c]) {
				t.Errorf("report %d, class %d: %v, %v, %v of %d", i, c, m.Precision(c), m.Recall(c), m.F1(c),
					m.Support(c))
			}
		}
		for k, a := range []Average{m.Macro(), m.Weighted()} {
			want := [][]float64{r.Macro, r.Weighted}[k]
			for j, v := range []float64{a.Precision, a.Recall, a.F1} {
				if !closeTo(v, want[j], 1e-12) {
					t.Errorf("report %d: average %d: %+v, want %v", i, k, a, want)
				}
			}
		}
	}
	for i, want := range g.Curves {
		c, err := PR(want.Normal, want.Attack)
		if err != nil {
			t.Fatal(err)
		}
		near := func(a, b []float64) bool {
			return slices.EqualFunc(a, b, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
		}
		roc, err := ROC(want.Normal, want.Attack)
		if err != nil || !near(c.Recall, want.Recall) || !near(c.Precision, want.Precision) ||
			!near(c.Thresholds[1:], want.Thresholds) ||
			!closeTo(c.Average, want.Average, 1e-12) || !closeTo(roc.AUC, want.AUC, 1e-12) {
			t.Errorf("curve %d: %v, want an average of %v\n%v\n%v\n%v", i, c, want.Average, c.Recall, c.Precision,
				c.Thresholds)
		}
	}
}

func TestClassesEdges(t *testing.T) {
	if _, err := PR(nil, []float64{1}); err == nil || !strings.Contains(err.Error(), "no normal scores") {
		t.Errorf("no normal scores: %v", err)
	}
	if _, err := Detectors(Detector{Name: "a", Normal: []float64{math.NaN()}, Attack: []float64{1}}); err == nil ||
		!strings.Contains(err.Error(), `detector "a"`) {
		t.Errorf("a score of NaN: %v", err)
	}
	m := ConfuseClasses([]string{"Benign", "Bot"}, []int{0, 0, 0, 1}, []int{0, 0, 1, 1})
	if got, want := m.String(), "true \\ predicted  Benign  Bot\nBenign                 2    1\nBot                "+
		"    0    1\naccuracy 0.750, macro F1 0.733\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if seen := ConfuseClasses([]string{"a", "b", "c"}, []int{0, 0},
		[]int{0, 2}).Observed(); fmt.Sprint(seen) != "true \\ predicted  a  c\na                 1  1\nc           "+
		"      0  0\naccuracy 0.500, macro F1 0.333\n" {
		t.Errorf("seen\n%v", seen)
	}
	probs := Probabilities(seq.New(3, []float32{0.5, 0.25, 0.25}, []float32{0.125, 0.25, 0.625}))
	if got := fmt.Sprint(probs.Not(0), probs.Classes()); got != "[0.5 0.875] [0 2]" || probs.Of(1)[0] != 0.25 {
		t.Errorf("probabilities %s", got)
	}
	others, own := OneVsRest([]int{0, 2, 2, 1}, 2, []float64{1, 2, 3, 4})
	if !slices.Equal(others, []float64{1, 4}) || !slices.Equal(own, []float64{2, 3}) {
		t.Errorf("others %v, own %v", others, own)
	}
	defer func() {
		if recover() == nil {
			t.Error("a class without a name: no panic")
		}
	}()
	ConfuseClasses([]string{"a"}, []int{0}, []int{1})
}
