package baseline

import (
	"errors"
	"fmt"
	"slices"
)

// Majority is the classifier that ignores its input: it predicts the most frequent class for each
// row. If nine of ten rows are normal, its accuracy is 0.9, and it finds no attack. FitMajority
// makes it.
type Majority struct {
	Shares []float64 // fraction of the rows in each class; the sum is 1
}

// FitMajority counts classes, numbered from 0. A negative class is an error.
func FitMajority(classes []int) (*Majority, error) {
	if len(classes) == 0 {
		return nil, errors.New("baseline: majority: no classes")
	}
	if c := slices.Min(classes); c < 0 {
		return nil, fmt.Errorf("baseline: majority: row %d: class %d", slices.Index(classes, c), c)
	}
	m := &Majority{Shares: make([]float64, slices.Max(classes)+1)}
	for _, c := range classes {
		m.Shares[c]++
	}
	for c := range m.Shares {
		m.Shares[c] /= float64(len(classes))
	}
	return m, nil
}

// Class returns the most frequent class, the smallest of several.
func (m *Majority) Class() int { return slices.Index(m.Shares, slices.Max(m.Shares)) }

// Classes returns the predicted classes of n rows.
func (m *Majority) Classes(n int) []int { return slices.Repeat([]int{m.Class()}, n) }
