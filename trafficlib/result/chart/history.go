package chart

import "fmt"

// A History is the record of a training, such as snapshot.History.
type History interface {
	// Metric returns the values of a metric and the epochs at which it was measured, on the data
	// trained on or on the validation data. The metrics are "loss" and "accuracy", and "mean
	// cosine" and "median cosine" over the first steps of each sequence; steps is ignored for the
	// others.
	Metric(name string, steps int, validation bool) (epochs, values []float64)
	// CosineSteps returns the numbers of first steps for which there are cosines; 0 stands for all
	// steps.
	CosineSteps(validation bool) []int
}

// Loss draws the loss of a training by epoch, and that of its validation data if there is any.
func Loss(h History) Lines {
	return Lines{Title: "Loss", X: "epoch", Y: "mean squared error", LogY: true, Series: metric(h, "loss")}
}

// metric returns the curve of a metric, and that of the validation data if there is any.
func metric(h History, name string) []Series {
	epochs, values := h.Metric(name, 0, false)
	all := []Series{{Name: "train", X: epochs, Y: values}}
	if epochs, values := h.Metric(name, 0, true); len(epochs) > 0 {
		all = append(all, Series{Name: "validation", X: epochs, Y: values, Dashed: true})
	}
	return all
}

// Cosines draws the cosine similarity of prediction and truth by epoch, over the first 10, 20 and
// so on packets and over the true length of the sequences: a panel for the mean over the sequences
// and one for the median. It takes the validation data if there is any, else the data trained on.
func Cosines(h History) Panels {
	epochs, _ := h.Metric("loss", 0, true)
	validation, name := len(epochs) > 0, "train"
	if validation {
		name = "validation"
	}
	mean := Lines{Title: "Mean cosine, " + name, X: "epoch", Y: "cosine similarity", Ordered: true}
	median := Lines{Title: "Median cosine, " + name, X: "epoch", Y: "cosine similarity", Ordered: true}
	for _, n := range h.CosineSteps(validation) {
		label := fmt.Sprintf("first %d", n)
		if n == 0 {
			label = "true length"
		}
		x, y := h.Metric("mean cosine", n, validation)
		mean.Series = append(mean.Series, Series{Name: label, X: x, Y: y})
		x, y = h.Metric("median cosine", n, validation)
		median.Series = append(median.Series, Series{Name: label, X: x, Y: y})
	}
	return Grid(2, mean, median)
}

// CrossEntropy is like Loss for a training whose loss is a cross-entropy, on a linear axis.
func CrossEntropy(h History) Lines {
	l := Loss(h)
	l.Y, l.LogY = "cross-entropy", false
	return l
}

// Accuracy draws the accuracy by epoch, for a training whose loss is of classes or labels, and that
// of the validation data if there is any.
func Accuracy(h History) Lines {
	return Lines{Title: "Accuracy", X: "epoch", Y: "accuracy", YRange: [2]float64{0, 1}, Series: metric(h, "accuracy")}
}
