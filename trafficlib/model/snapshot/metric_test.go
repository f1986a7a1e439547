package snapshot

import (
	"slices"
	"testing"
)

func TestMetric(t *testing.T) {
	half := 0.5
	h := History{
		{Epoch: 1, Train: Figures{Loss: 4}},
		{Epoch: 2, Train: Figures{Loss: 3, Accuracy: &half}, Valid: &Figures{
			Loss: 2, Cosines: []Cosine{{Packets: 10, Mean: 0.7, Median: 0.8}, {Mean: 0.9, Median: 1}},
		}},
	}
	for _, c := range []struct {
		name           string
		steps          int
		validation     bool
		epochs, values []float64
	}{
		{"loss", 0, false, []float64{1, 2}, []float64{4, 3}},
		{"loss", 0, true, []float64{2}, []float64{2}},
		{"accuracy", 0, false, []float64{2}, []float64{0.5}},
		{"accuracy", 0, true, nil, nil},
		{"mean cosine", 10, true, []float64{2}, []float64{0.7}},
		{"median cosine", 0, true, []float64{2}, []float64{1}},
		{"mean cosine", 20, true, nil, nil},
		{"mean cosine", 10, false, nil, nil},
		{"recall", 0, false, nil, nil},
	} {
		epochs, values := h.Metric(c.name, c.steps, c.validation)
		if !slices.Equal(epochs, c.epochs) || !slices.Equal(values, c.values) {
			t.Errorf("%s %d %v: %v at %v, want %v at %v", c.name, c.steps, c.validation, values, epochs, c.values, c.epochs)
		}
	}
	if got := h.CosineSteps(true); !slices.Equal(got, []int{10, 0}) {
		t.Errorf("cosines over %v steps, want 10 and 0", got)
	}
	if got := h.CosineSteps(false); got != nil {
		t.Errorf("cosines over %v steps of the data trained on, want none", got)
	}
}
