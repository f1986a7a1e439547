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
