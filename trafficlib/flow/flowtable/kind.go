package flowtable

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// A kind is the type in which the numbers of a column are stored.
type kind uint8

const (
	u8 kind = iota
	u16
	u32
	u64
	i8
	i16
	i32
	i64
	f32
	f64
	constant // in a chunk only: all values are the same, and none is stored
)

// kinds has what can be done with each kind but constant.
var kinds = [...]struct {
	typ  arrow.DataType
	size int
	ops
}{
	{arrow.PrimitiveTypes.Uint8, 1, opsOf(putInts[uint8])},
	{arrow.PrimitiveTypes.Uint16, 2, opsOf(putInts[uint16])},
	{arrow.PrimitiveTypes.Uint32, 4, opsOf(putInts[uint32])},
	{arrow.PrimitiveTypes.Uint64, 8, opsOf(putWide[uint64])},
	{arrow.PrimitiveTypes.Int8, 1, opsOf(putInts[int8])},
	{arrow.PrimitiveTypes.Int16, 2, opsOf(putInts[int16])},
	{arrow.PrimitiveTypes.Int32, 4, opsOf(putInts[int32])},
	{arrow.PrimitiveTypes.Int64, 8, opsOf(putWide[int64])},
	{arrow.PrimitiveTypes.Float32, 4, opsOf(putWide[float32])},
	{arrow.PrimitiveTypes.Float64, 8, opsOf(putWide[float64])},
}

func (k kind) size() int {
	if k == constant {
		return 0
	}
	return kinds[k].size
}

// ops are the operations on values of one type, which is known at run time only.
type ops struct {
	put    func(dst []byte, v []float64, perm []int32) // stores v, in the order of perm unless that is nil
	fill   func(dst []byte, n int, v float64)          // stores v n times
	gather [constant]func(dst, src []byte, f fix)      // converts src, of each kind
	widen  func(dst []float64, src []byte)
}

// opsOf makes the operations of a type out of its put.
func opsOf[T arrowfile.Number](put func(dst []T, v []float64, perm []int32)) ops {
	return ops{
		put: func(dst []byte, v []float64, perm []int32) { put(view[T](dst)[:len(v)], v, perm) },
		fill: func(dst []byte, n int, v float64) {
			d, x := view[T](dst)[:n], T(v)
			for i := range d {
				d[i] = x
			}
		},
		gather: [constant]func(dst, src []byte, f fix){
			convert[T, uint8], convert[T, uint16], convert[T, uint32], convert[T, uint64],
			convert[T, int8], convert[T, int16], convert[T, int32], convert[T, int64],
			mend[T, float32], mend[T, float64],
		},
		widen: func(dst []float64, src []byte) {
			s := view[T](src)
			dst = dst[:len(s)]
			for i, x := range s {
				dst[i] = float64(x)
			}
		},
	}
}

// putInts stores integers of less than 64 bits. The way over int64 is faster than the direct
// conversion to an unsigned type.
func putInts[T uint8 | uint16 | uint32 | int8 | int16 | int32](d []T, v []float64, perm []int32) {
	if perm == nil {
		for i, x := range v {
			d[i] = T(int64(x))
		}
		return
	}
	for i, from := range perm {
		d[i] = T(int64(v[from]))
	}
}

// putWide stores floats and integers of 64 bits.
func putWide[T uint64 | int64 | float32 | float64](d []T, v []float64, perm []int32) {
	if perm == nil {
		for i, x := range v {
			d[i] = T(x)
		}
		return
	}
	for i, from := range perm {
		d[i] = T(v[from])
	}
}

// convert copies numbers that the other type holds as they are.
func convert[T, S arrowfile.Number](dst, src []byte, _ fix) {
	d, s := view[T](dst), view[S](src)
	d = d[:len(s)]
	for i, x := range s {
		d[i] = T(x)
	}
}

// mend copies floats, with replacements for those that are not finite.
func mend[T arrowfile.Number, S float32 | float64](dst, src []byte, f fix) {
	d, s := view[T](dst), view[S](src)
	d = d[:len(s)]
	for i, x := range s {
		d[i] = T(f.of(float64(x)))
	}
}

// view returns bytes as numbers. They must be aligned.
func view[T arrowfile.Number](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// A stat summarizes values of a column.
type stat struct {
	low, high  float64 // of the finite values; low > high if there are none
	fractions  float64 // Σ|x − trunc x|
	fractional int     // how many are not whole
	nan, inf   int
}

var noValues = stat{low: math.Inf(1), high: math.Inf(-1)}

func (s *stat) add(t stat) {
	s.low, s.high = min(s.low, t.low), max(s.high, t.high)
	s.fractions += t.fractions
	s.fractional += t.fractional
	s.nan += t.nan
	s.inf += t.inf
}

// look summarizes values. integral says that all of them are whole and finite, which saves the
// test.
func look(v []float64, integral bool) stat {
	s := noValues
	if len(v) == 0 {
		return s
	}
	n := 1 // how many are like the first: many columns are constant, and others differ soon
	for n < len(v) && v[n] == v[0] {
		n++
	}
	if n == len(v) && n > 1 {
		s = look(v[:1], integral)
		s.fractions *= float64(n)
		s.fractional, s.nan, s.inf = s.fractional*n, s.nan*n, s.inf*n
		return s
	}
	low, high := s.low, s.high
	if integral {
		for _, x := range v {
			if x < low {
				low = x
			}
			if x > high {
				high = x
			}
		}
		s.low, s.high = low, high
		return s
	}
	for _, x := range v {
		if x < low {
			if math.IsInf(x, -1) {
				s.inf++
				continue
			}
			low = x
		}
		if x > high {
			if math.IsInf(x, 1) {
				s.inf++
				continue
			}
			high = x
		}
		if t := float64(int64(x)); t != x {
			switch {
			case x != x:
				s.nan++
			case math.Abs(x) < 1<<53:
				s.fractions += math.Abs(x - t)
				s.fractional++
			}
		}
	}
	s.low, s.high = low, high
	return s
}

// wholeSum is the sum of fractions below which the values of a column count as integers.
const wholeSum = 0.01

// final returns the kind in which a column is stored, and what replaces its values that are not
// finite. The rule is that of the pandas code on which notebook 4 is based (reduce_mem_usage): a
// column is of integers if its fractions sum up to less than 0.01, unsigned if no value is
// negative, and of the fewest bytes that hold its values with one to spare. It is float32 if it has
// fractions, or values that stay infinite or missing, and float64 beyond the range of float32.
// Unlike the original, the sum is of absolute values, so that a half and a minus half do not
// cancel.
//
// Replacements count among the values.
func (s stat) final(missing, infinite table.Policy) (k kind, f fix, err error) {
	low, high := s.low, s.high
	f = fix{math.NaN(), math.Inf(-1), math.Inf(1)}
	refused := func(p table.Policy) bool { return p == table.Fail || p == table.Skip } // Skip is the reader's task
	switch {
	case s.nan > 0 && refused(missing):
		return 0, f, fmt.Errorf("%d missing values", s.nan)
	case s.inf > 0 && refused(infinite):
		return 0, f, fmt.Errorf("%d infinite values", s.inf)
	}
	stays := s.nan > 0 || s.inf > 0
	if low > high { // nothing finite
		if s.nan > 0 && missing == table.Fill || s.inf > 0 && (infinite == table.Fill || infinite == table.Clip) {
			return 0, f, fmt.Errorf("no finite value to put in the place of %d others", s.nan+s.inf)
		}
		if !stays { // no rows at all
			return u8, f, nil
		}
		return f32, f, nil
	}
	if stays {
		stays = s.nan > 0 && missing == table.Keep || s.inf > 0 && infinite == table.Keep
		fill := low - 1
		if s.nan > 0 && missing == table.Fill {
			f.nan, low = fill, min(low, fill)
		}
		switch {
		case s.inf == 0:
		case infinite == table.Fill:
			f.low, f.high, low = fill, fill, min(low, fill)
		case infinite == table.Clip:
			f.low, f.high = s.low, s.high
		}
	}
	if math.Max(-low, high) > math.MaxFloat32 {
		return f64, f, nil
	}
	if stays || s.fractions >= wholeSum {
		return f32, f, nil
	}
	return integer(math.Trunc(low), math.Trunc(high)), f, nil
}

// integer returns the smallest kind of integers for values from low to high, or f32 if there is
// none.
func integer(low, high float64) kind {
	if low >= 0 {
		switch {
		case high < math.MaxUint8:
			return u8
		case high < math.MaxUint16:
			return u16
		case high < math.MaxUint32:
			return u32
		case high < 1<<64:
			return u64
		}
		return f32
	}
	switch {
	case low > math.MinInt8 && high < math.MaxInt8:
		return i8
	case low > math.MinInt16 && high < math.MaxInt16:
		return i16
	case low > math.MinInt32 && high < math.MaxInt32:
		return i32
	case low > -1<<63 && high < 1<<63:
		return i64
	}
	return f32
}

// packed returns the kind in which a chunk stores its values: of the fewest bytes that lose nothing
// which the column may need, whatever the other chunks are like.
func (s stat) packed() kind {
	big := s.low <= s.high && math.Max(-s.low, s.high) > math.MaxFloat32
	switch {
	case s.low == s.high && s.nan == 0 && s.inf == 0:
		return constant
	case s.fractions >= wholeSum && !big:
		return f32 // then the column has fractions
	case s.fractional > 0 || s.nan > 0 || s.inf > 0 || big || s.low > s.high:
		return f64
	}
	if k := integer(s.low, s.high); k != f32 {
		return k
	}
	return f64
}

// A fix is what replaces values that are not finite.
type fix struct{ nan, low, high float64 }

func (f fix) of(x float64) float64 {
	switch {
	case x != x:
		return f.nan
	case x > math.MaxFloat64:
		return f.high
	case x < -math.MaxFloat64:
		return f.low
	}
	return x
}
