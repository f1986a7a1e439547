package score

import (
	"math"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

func TestRMSE(t *testing.T) {
	got := RMSE([]float32{0, 0, 1, 1}, []float32{3, 4, 1, 1}, 2)
	if !slices.Equal(got, []float64{math.Sqrt(12.5), 0}) {
		t.Errorf("got %v", got)
	}
	var p SessionScores
	if err := p.Add(seq.About{Part: "attack", Origin: 7}, []float32{0, 0, 1, 1}, []float32{3, 4, 1, 1}, 2); err != nil {
		t.Fatal(err)
	}
	p.ScoreBy(func(s Session) float64 { return s.RMSE })
	if p.Sessions[0].Score != math.Sqrt(12.5)/2 {
		t.Errorf("the score is %v", p.Sessions[0].Score)
	}
}

func TestLabel(t *testing.T) {
	l := Flag([]float64{0.25, 0.5, 0.75, 0.25}, 0.5)
	if l.Count != 2 || !slices.Equal(l.Anomalous, []bool{false, true, true, false}) {
		t.Errorf("got %+v", l)
	}
	const want = `anomalous sequences: 2 of 4
mean score, overall: 0.437500
mean score, normal:  0.250000
mean score, attack:  0.625000
`
	if l.String() != want {
		t.Errorf("got\n%s", l)
	}
	if l = Flag([]float64{0.1}, 0.5); l.Count != 0 || !math.IsNaN(l.Attack) {
		t.Errorf("no attack: %+v", l)
	}
}

func TestByAttack(t *testing.T) {
	got := ByAttack([]string{"", "guess", "rsh", "guess", "guess", ""}, []float64{9, 0.7, 0.1, 0.5, 0.2, 0}, 0.5)
	const want = "attack  sequences  found    recall\nguess           3      2  0.666667\nrsh             1      0 " +
		"        0\n"
	if got.String() != want {
		t.Errorf("got\n%s", got)
	}
}

func TestTransitions(t *testing.T) {
	normal := [][]string{{"S", "SA", "A", "A"}, {"S", "SA", "A"}, {"S"}}
	m, err := FitTransitions(normal, 0)
	if err != nil || m.Symbols() != 3 {
		t.Fatal(m, err)
	}
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"S", "SA", 3.0 / 6}, // (2 + 1) / (2 + 1·4)
		{"A", "A", 2.0 / 5},  // (1 + 1) / (1 + 4)
		{"S", "A", 1.0 / 6},
		{"S", "R", 1.0 / 6}, // never seen
		{"R", "S", 1.0 / 4},
	} {
		if got := m.Prob(c.a, c.b); got != c.want {
			t.Errorf("P(%s | %s) = %v, want %v", c.b, c.a, got, c.want)
		}
	}
	// The probabilities of all next symbols, including those never seen, add up to 1.
	for _, a := range []string{"S", "SA", "A", "R"} {
		sum := 0.0
		for _, b := range []string{"S", "SA", "A", "other"} {
			sum += m.Prob(a, b)
		}
		if math.Abs(sum-1) > 1e-15 {
			t.Errorf("after %s: %v", a, sum)
		}
	}
	known, odd := m.Score([]string{"S", "SA", "A"}), m.Score([]string{"S", "R", "S"})
	if want := -(math.Log(3.0/6) + math.Log(3.0/6)) / 2; math.Abs(known-want) > 1e-15 || odd <= known {
		t.Errorf("scores %v and %v, want %v", known, odd, want)
	}
	if s := m.Scores([][]string{{"S"}, nil}); !math.IsNaN(s[0]) || !math.IsNaN(s[1]) {
		t.Errorf("sequences without a transition: %v", s)
	}
	if _, err := FitTransitions([][]string{{"S"}}, 1); err == nil {
		t.Error("nothing to fit on: no error")
	}
	if _, err := FitTransitions(normal, -1); err == nil {
		t.Error("negative smoothing: no error")
	}
}

func TestByStep(t *testing.T) {
	sequences := [][]float64{{1, 2, 3}, {3, 4}, {5}}
	if got := ByStep(sequences, 0); !slices.Equal(got, []float64{3, 3, 3}) {
		t.Errorf("got %v", got)
	}
	if got := ByStep(sequences, 2); !slices.Equal(got, []float64{3, 3}) {
		t.Errorf("of steps that two have: %v", got)
	}
}
