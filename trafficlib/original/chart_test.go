package original

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

func TestIterations(t *testing.T) {
	var h snapshot.History
	for i, loss := range []float64{1e6, 0.9, 0.6, 0.4} {
		h = append(h, snapshot.Point{Step: 100 * (i + 1), Epoch: i,
			Train: snapshot.Figures{Loss: loss}, Valid: &snapshot.Figures{Loss: loss}})
	}
	steps := Iterations(h)
	if x := steps.Series[1].X; len(x) != 4 || x[3] != 400 {
		t.Errorf("by step: %v", x)
	}
	// A training that diverges at its start has a chart too.
	if svg, err := steps.SVG(); err != nil || len(svg) > 60_000 {
		t.Errorf("a large loss: %d bytes, %v", len(svg), err)
	}
}
