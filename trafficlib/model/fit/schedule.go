package fit

import (
	"fmt"
	"math"
)

// A Schedule says how the learning rate changes in the course of a training. The zero value keeps
// it. In the formulas α is Config.LearningRate and α₀ is Least.
type Schedule struct {
	Kind     ScheduleKind `json:"kind,omitempty"`     // "" means Constant
	WarmUp   int          `json:"warm_up,omitempty"`  // steps in which the rate first rises, α·step/WarmUp
	Least    float64      `json:"least,omitempty"`    // α₀, of Cosine and Plateau: the rate falls no lower
	Factor   float64      `json:"factor,omitempty"`   // of Plateau: what the rate is multiplied by; 0 means 0.1
	Patience int          `json:"patience,omitempty"` // of Plateau: epochs without a better loss; 0 means 10
}

// ScheduleKind names a schedule.
type ScheduleKind string

const (
	// Constant keeps the learning rate.
	Constant ScheduleKind = "constant"
	// Cosine lets the rate fall along half a cosine wave, from α to α₀ (Loshchilov and Hutter, 2017).
	// Of the n steps after WarmUp, the k-th, from 0, has
	//
	//	α₀ + (α-α₀) (1 + cos(πk/n))/2
	Cosine ScheduleKind = "cosine"
	// Plateau multiplies the rate by Factor after Patience epochs whose loss was not better than the
	// best so far, by more than one part in 10,000, and then counts anew, as Keras' ReduceLROnPlateau
	// does. The loss is that on Config.Validation, or without it the epoch's.
	Plateau ScheduleKind = "plateau"
)

// plateauMargin is the share by which a loss must be better to count, as in PyTorch's
// ReduceLROnPlateau: Keras' margin does not scale with the loss.
const plateauMargin = 1e-4

func (s Schedule) withDefaults() Schedule {
	if s.Kind == "" {
		s.Kind = Constant
	}
	if s.Kind == Plateau {
		if s.Factor == 0 {
			s.Factor = 0.1
		}
		if s.Patience == 0 {
			s.Patience = 10
		}
	}
	return s
}

// check reports what is wrong with a schedule that has its defaults.
func (s Schedule) check(rate float64) error {
	switch {
	case s.Kind != Constant && s.Kind != Cosine && s.Kind != Plateau:
		return fmt.Errorf("fit: schedule %q: want %q, %q or %q", s.Kind, Constant, Cosine, Plateau)
	case s.WarmUp < 0:
		return fmt.Errorf("fit: schedule: WarmUp %d is negative", s.WarmUp)
	case s.Kind == Constant && s.Least != 0:
		return fmt.Errorf("fit: schedule: Least %v: a constant rate does not fall", s.Least)
	case !(s.Least >= 0 && s.Least <= rate):
		return fmt.Errorf("fit: schedule: Least %v: want 0 up to LearningRate, which is %v", s.Least, rate)
	case s.Kind != Plateau && (s.Factor != 0 || s.Patience != 0):
		return fmt.Errorf("fit: schedule: Factor %v and Patience %d are for %q, this is %q", s.Factor,
			s.Patience, Plateau, s.Kind)
	case s.Kind == Plateau && !(s.Factor > 0 && s.Factor < 1):
		return fmt.Errorf("fit: schedule: Factor %v: want a number between 0 and 1", s.Factor)
	case s.Patience < 0:
		return fmt.Errorf("fit: schedule: Patience %d is negative", s.Patience)
	}
	return nil
}

// rate returns the learning rate of a step, from 1, of total; falls is how often a plateau has
// lowered it.
func (s Schedule) rate(learningRate float64, step, total, falls int) float64 {
	switch {
	case step <= s.WarmUp:
		learningRate *= float64(step) / float64(s.WarmUp)
	case s.Kind == Cosine:
		k, n := float64(step-1-s.WarmUp), float64(total-s.WarmUp)
		return s.Least + (learningRate-s.Least)*(1+math.Cos(math.Pi*k/n))/2
	}
	if falls > 0 {
		return math.Max(learningRate*math.Pow(s.Factor, float64(falls)), s.Least)
	}
	return learningRate
}

// A watch follows a loss that should fall.
type watch struct {
	Best  *float64 `json:"best,omitempty"`  // the lowest so far; nil before the first
	Since int      `json:"since,omitempty"` // losses since then
}

// better takes the next loss, and reports whether it is below the best by more than the share
// margin of it.
func (w *watch) better(loss, margin float64) bool {
	if w.Best == nil || loss < *w.Best*(1-margin) {
		w.Best, w.Since = &loss, 0
		return true
	}
	w.Since++
	return false
}
