package snapshot

import (
	"fmt"
	"math"
)

// History is the course of a training: a point for each epoch, or every so many steps.
type History []Point

// Point is where a training stood at one moment.
type Point struct {
	Step  int      `json:"step"`
	Epoch int      `json:"epoch"`
	Train Figures  `json:"train"`           // on the data trained on: of the loss, the mean during the epoch
	Valid *Figures `json:"valid,omitempty"` // on the validation data, after the epoch
}

// String returns the step and the losses: "step 200: loss 0.1234, validation 0.2345".
func (p Point) String() string {
	s := fmt.Sprintf("step %d: loss %.4f", p.Step, p.Train.Loss)
	if p.Valid != nil {
		s += fmt.Sprintf(", validation %.4f", p.Valid.Loss)
	}
	return s
}

// Last returns the last point, the zero one if there is none.
func (h History) Last() Point {
	if len(h) == 0 {
		return Point{}
	}
	return h[len(h)-1]
}

// Figures are the loss and the cosine similarities on one set of data. Cosines are there only at
// the points at which they were measured, Accuracy only for a loss of classes or labels.
type Figures struct {
	Loss float64 `json:"loss"`
	// Accuracy is the share of right answers; for the data trained on, that during the epoch.
	Accuracy *float64 `json:"accuracy,omitempty"`
	Cosines  []Cosine `json:"cosines,omitempty"`
}

// Cosine is the cosine similarity of prediction and truth over the first steps of each sequence:
// averaged over the steps of a sequence, then over the sequences.
type Cosine struct {
	Packets int     `json:"packets"` // how many packets from the start count; 0 means all that the sequence has
	Mean    float64 `json:"mean"`
	Median  float64 `json:"median"`
}

// A Checkpoint is a point of a history at the time when it is made, and the model as it is there.
type Checkpoint struct {
	Point
	First, Total int     // the step that this call of training began at, and the steps in all
	LearningRate float64 // of the step before
	Model        Model
	Weights      Tensors
}

// Reached returns the first step at which the validation loss was no more than loss, and whether
// there is one: how long a training took to get as far as another.
func (h History) Reached(loss float64) (step int, ok bool) {
	for _, p := range h {
		if p.Valid != nil && p.Valid.Loss <= loss {
			return p.Step, true
		}
	}
	return 0, false
}

// Lowest returns the lowest validation loss, +Inf if none was measured.
func (h History) Lowest() float64 {
	lowest := math.Inf(1)
	for _, p := range h {
		if p.Valid != nil {
			lowest = min(lowest, p.Valid.Loss)
		}
	}
	return lowest
}
