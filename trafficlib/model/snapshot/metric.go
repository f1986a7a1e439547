package snapshot

import "slices"

// Metric returns the values of a metric and the epochs at which it was measured, on the data
// trained on or on the validation data. The metrics are "loss" and "accuracy", and "mean cosine"
// and "median cosine" over the first steps of each sequence, see CosineSteps; steps is ignored for
// the others.
func (h History) Metric(name string, steps int, validation bool) (epochs, values []float64) {
	for _, p := range h {
		f := &p.Train
		if validation {
			f = p.Valid
		}
		if f == nil {
			continue
		}
		if v, ok := f.metric(name, steps); ok {
			epochs, values = append(epochs, float64(p.Epoch)), append(values, v)
		}
	}
	return epochs, values
}

func (f Figures) metric(name string, steps int) (v float64, ok bool) {
	switch name {
	case "loss":
		return f.Loss, true
	case "accuracy":
		if f.Accuracy != nil {
			return *f.Accuracy, true
		}
	case "mean cosine", "median cosine":
		for _, c := range f.Cosines {
			if c.Packets == steps {
				if name == "mean cosine" {
					return c.Mean, true
				}
				return c.Median, true
			}
		}
	}
	return 0, false
}

// CosineSteps returns the numbers of first steps for which there are cosines, in the order in which
// they were measured; 0 stands for all steps of a sequence.
func (h History) CosineSteps(validation bool) (steps []int) {
	for _, p := range h {
		f := &p.Train
		if validation {
			f = p.Valid
		}
		if f == nil {
			continue
		}
		for _, c := range f.Cosines {
			if !slices.Contains(steps, c.Packets) {
				steps = append(steps, c.Packets)
			}
		}
	}
	return steps
}
