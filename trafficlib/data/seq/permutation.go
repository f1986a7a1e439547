package seq

import "gonum.org/v1/gonum/mathext/prng"

// Permutation returns the numbers 0 … n-1 in the order of
// numpy.random.RandomState(seed).permutation(n), so that a split made by an older Python program
// can be made again.
//
// It is numpy's legacy shuffle: a Fisher–Yates shuffle from the end, whose random index in 0 … i is
// drawn from the 32-bit Mersenne Twister by masking to the next power of two and rejecting what is
// larger than i.
func Permutation(n int, seed uint32) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	src := prng.NewMT19937()
	src.Seed(uint64(seed))
	for i := n - 1; i > 0; i-- {
		j := below(src, uint64(i))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// below draws a number from 0 … limit. Above 32 bits numpy joins two draws, the first the higher.
func below(src *prng.MT19937, limit uint64) uint64 {
	mask := limit
	for shift := 1; shift < 64; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		var v uint64
		if limit <= 0xffffffff {
			v = uint64(src.Uint32()) & mask
		} else {
			v = src.Uint64() & mask
		}
		if v <= limit {
			return v
		}
	}
}
