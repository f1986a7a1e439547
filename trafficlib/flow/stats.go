package flow

import (
	"math"
	"math/bits"
)

// Stats are the count, sum, sum of squares, minimum and maximum of integers. They are exact, with
// squares in 128 bits, so the order in which values are added or merged does not matter. The zero
// value has no values.
type Stats struct {
	N        int64
	Sum      int64
	Min, Max int64     // 0 without values
	Squares  [2]uint64 // the low and the high half of the sum of squares
}

// Add adds a value.
func (s *Stats) Add(v int64) {
	if s.N == 0 {
		s.Min, s.Max = v, v
	} else {
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	s.N++
	s.Sum += v
	a := magnitude(v)
	high, low := bits.Mul64(a, a)
	var carry uint64
	s.Squares[0], carry = bits.Add64(s.Squares[0], low, 0)
	s.Squares[1], _ = bits.Add64(s.Squares[1], high, carry)
}

// Merge adds all values of o.
func (s *Stats) Merge(o Stats) {
	switch {
	case o.N == 0:
		return
	case s.N == 0:
		*s = o
		return
	}
	s.N += o.N
	s.Sum += o.Sum
	s.Min, s.Max = min(s.Min, o.Min), max(s.Max, o.Max)
	var carry uint64
	s.Squares[0], carry = bits.Add64(s.Squares[0], o.Squares[0], 0)
	s.Squares[1], _ = bits.Add64(s.Squares[1], o.Squares[1], carry)
}

// Mean returns the arithmetic mean, 0 without values.
func (s *Stats) Mean() float64 {
	if s.N == 0 {
		return 0
	}
	return float64(s.Sum) / float64(s.N)
}

// Variance returns the variance of a sample, (n·Σx² − (Σx)²) / (n·(n−1)), and 0 for fewer than two
// values. The numerator is an integer and computed as one, in 192 bits.
func (s *Stats) Variance() float64 {
	if s.N < 2 {
		return 0
	}
	n := uint64(s.N)
	// n·Σx², in 192 bits
	mid, low := bits.Mul64(n, s.Squares[0])
	high, more := bits.Mul64(n, s.Squares[1])
	mid, carry := bits.Add64(mid, more, 0)
	high += carry
	// less (Σx)²
	a := magnitude(s.Sum)
	h, l := bits.Mul64(a, a)
	low, borrow := bits.Sub64(low, l, 0)
	mid, borrow = bits.Sub64(mid, h, borrow)
	high -= borrow
	const word = 1 << 64
	return ((float64(high)*word+float64(mid))*word + float64(low)) / (float64(s.N) * float64(s.N-1))
}

// Std returns the standard deviation of a sample, the root of Variance.
func (s *Stats) Std() float64 { return math.Sqrt(s.Variance()) }

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}
