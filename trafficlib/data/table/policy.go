package table

import (
	"errors"
	"fmt"
)

// A Policy says what a reader does with values that it cannot take as they are: missing and
// infinite ones, and in ReadCSV other faults too.
type Policy int

const (
	// Fail, the zero value, ends with an error that names the place.
	Fail Policy = iota
	// Skip leaves the row out.
	Skip
	// Clip replaces an infinity by the largest or smallest finite value of its column. It fails at
	// missing values.
	Clip
	// Keep keeps the value, a missing one as NaN, in a column of floats.
	Keep
	// Fill replaces the value by the smallest finite value of its column, less one.
	Fill
)

var policies = [...]string{"fail", "skip", "clip", "keep", "fill"}

// String returns the name of the policy.
func (p Policy) String() string {
	if p < Fail || p > Fill {
		return fmt.Sprintf("Policy(%d)", int(p))
	}
	return policies[p]
}

// ParsePolicy returns the policy of a name, such as a parameter of a notebook has it.
func ParsePolicy(name string) (Policy, error) {
	for p, s := range policies {
		if s == name {
			return Policy(p), nil
		}
	}
	return 0, fmt.Errorf("table: policy %q: want fail, skip, clip, keep or fill", name)
}

// skips reports whether ReadCSV leaves out a row with this fault.
func (p Policy) skips(fault error) bool {
	return p == Skip || p != Fail && errors.Is(fault, errHeader)
}

var errHeader = errors.New("the header once more")
