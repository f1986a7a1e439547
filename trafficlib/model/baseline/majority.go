package baseline

import (
	"errors"
	"fmt"
	"slices"
)

// Majority is the classifier that has not looked: it says of each row the class that is most frequent. Where nine rows of
// ten are normal it is right nine times of ten, and finds no attack. FitMajority makes it.
type Majority struct {
	Shares []float64 // what part of the rows each class has; their sum is 1
}

// FitMajority counts classes, numbered from 0. A negative one is an error.
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

// Class gives the most frequent class, the first of several.
func (m *Majority) Class() int { return slices.Index(m.Shares, slices.Max(m.Shares)) }

// Classes says of n rows what they are.
func (m *Majority) Classes(n int) []int { return slices.Repeat([]int{m.Class()}, n) }
