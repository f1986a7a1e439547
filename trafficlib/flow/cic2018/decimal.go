package cic2018

import (
	"math"
	"math/bits"
)

// pow10 has the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// whole10 has the powers of ten that a uint64 holds.
var whole10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// decimal returns the float64 nearest to m / 10^fraction, the even one of two, for 0 ≤ fraction ≤
// 19.
//
// Below 2⁵³ both m and 10^fraction are floats, and one division of them is exact to the last bit
// (Clinger, "How to Read Floating Point Numbers Accurately", 1990). Java writes most numbers with
// 17 digits, for which m is larger. A division of integers is exact for those: with m and
// 10^fraction shifted up to their highest bits
//
//	q = ⌊m · 2⁶³ / 10^fraction⌋
//
// has 63 or 64 bits, and the remainder shows whether anything is below them.
func decimal(m uint64, fraction int) float64 {
	if m < 1<<53 {
		return float64(m) / pow10[fraction]
	}
	d := whole10[fraction]
	up, down := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<up, d<<down
	q, rest := bits.Div64(m>>1, m<<63, d)
	if rest != 0 {
		q |= 1 // below the half that decides
	}
	// The conversion rounds to the nearest, the even one of two; scaling by a power of two is
	// exact.
	return float64(q) * math.Float64frombits(uint64(1023-63+down-up)<<52)
}

// digits returns how many of eight characters, the first in the lowest byte, are digits before any
// other character, and the number that they make. It has no branch for each character, whose last a
// processor could not predict.
func digits(w uint64) (n int, v uint64) {
	w ^= 0x3030303030303030 // a digit is 0 to 9 now; a sum below carries only into what follows another character
	n = bits.TrailingZeros64((w+0x7676767676767676|w)&0x8080808080808080) >> 3
	w <<= 64 - 8*n
	// Pairs of digits, of pairs, and of those (Lemire, "Quickly parsing eight digits", 2018).
	w = w*10 + w>>8
	return n, (w&0x000000ff000000ff*0x000f424000000064 + w>>16&0x000000ff000000ff*0x0000271000000001) >> 32
}
