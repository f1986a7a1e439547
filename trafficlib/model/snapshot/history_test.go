package snapshot

import (
	"math"
	"testing"
)

func TestReached(t *testing.T) {
	var h History
	for i, loss := range []float64{3, 1, 2, 0.5} {
		h = append(h, Point{Step: 10 * (i + 1), Valid: &Figures{Loss: loss}})
	}
	h = append(h, Point{Step: 50})
	if step, ok := h.Reached(1); step != 20 || !ok {
		t.Errorf("a loss of 1 at step %d, %v", step, ok)
	}
	if _, ok := h.Reached(0.1); ok {
		t.Error("a loss of 0.1 was reached")
	}
	if h.Lowest() != 0.5 || !math.IsInf(History{}.Lowest(), 1) {
		t.Errorf("lowest %v", h.Lowest())
	}
}

func TestLast(t *testing.T) {
	h := History{{Step: 100, Train: Figures{Loss: 0.5}},
		{Step: 200, Train: Figures{Loss: 0.25}, Valid: &Figures{Loss: 0.75}}}
	if got := h.Last().String(); got != "step 200: loss 0.2500, validation 0.7500" ||
		h[0].String() != "step 100: loss 0.5000" {
		t.Errorf("got %q and %q", got, h[0])
	}
	if got := (History{}).Last(); got.Step != 0 {
		t.Errorf("no points: %v", got)
	}
}
