package fit

import (
	"math"
	"strings"
	"testing"
)

func TestSchedule(t *testing.T) {
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("%s: rate %v, want %v", what, got, want)
		}
	}
	g := readGolden(t).Cosine
	cosine := Schedule{Kind: Cosine, Least: g.Least}.withDefaults()
	for k, want := range g.Rates { // PyTorch's
		near("cosine", cosine.rate(g.Rate, k+1, len(g.Rates), 0), want)
	}
	cosine.WarmUp = 4
	for k, want := range []float64{.25, .5, .75, 1} {
		near("warm-up", cosine.rate(1, k+1, 20, 0), want)
	}
	near("after the warm-up", cosine.rate(1, 5, 20, 0), 1)
	near("last step", cosine.rate(1, 20, 20, 0), g.Least+(1-g.Least)*(1+math.Cos(math.Pi*15/16))/2)

	constant := Schedule{WarmUp: 2}.withDefaults()
	near("constant, first step", constant.rate(1, 1, 20, 0), .5)
	near("constant, later", constant.rate(1, 9, 20, 0), 1)

	plateau := Schedule{Kind: Plateau, Least: 0.02}.withDefaults()
	for falls, want := range []float64{1, .1, .02, .02} {
		near("plateau", plateau.rate(1, 9, 20, falls), want)
	}
}

func TestWatch(t *testing.T) {
	var w watch
	for i, loss := range []struct {
		value  float64
		better bool
		since  int
	}{{2, true, 0}, {3, false, 1}, {1.9999, false, 2}, {1.99, true, 0}, {1.99, false, 1}} {
		if got := w.better(loss.value, 1e-4); got != loss.better || w.Since != loss.since {
			t.Errorf("loss %d, %v: better %v since %d, want %v and %d", i, loss.value, got, w.Since, loss.better, loss.since)
		}
	}
}

func TestScheduleRefusals(t *testing.T) {
	for want, s := range map[string]Schedule{
		`schedule "linear"`:              {Kind: "linear"},
		"WarmUp -1 is negative":          {WarmUp: -1},
		"a constant rate does not fall":  {Least: 0.1},
		"Least 2: want 0 up to":          {Kind: Cosine, Least: 2},
		"Factor 0.5 and Patience 0 are":  {Kind: Cosine, Factor: 0.5},
		"Factor 1.5: want a number":      {Kind: Plateau, Factor: 1.5},
		"schedule: Patience -1 is negat": {Kind: Plateau, Patience: -1},
	} {
		if err := s.withDefaults().check(1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
}
