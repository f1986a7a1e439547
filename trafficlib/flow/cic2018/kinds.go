package cic2018

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// A kind is how numbers are held.
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
	one // only aside, until the table is written: no bytes, since all values of the piece are the same
)

var kinds = [...]struct {
	size int
	typ  arrow.DataType
}{
	{1, arrow.PrimitiveTypes.Uint8}, {2, arrow.PrimitiveTypes.Uint16}, {4, arrow.PrimitiveTypes.Uint32}, {8, arrow.PrimitiveTypes.Uint64},
	{1, arrow.PrimitiveTypes.Int8}, {2, arrow.PrimitiveTypes.Int16}, {4, arrow.PrimitiveTypes.Int32}, {8, arrow.PrimitiveTypes.Int64},
	{4, arrow.PrimitiveTypes.Float32}, {8, arrow.PrimitiveTypes.Float64},
}

func (k kind) size() int {
	if k == one {
		return 0
	}
	return kinds[k].size
}

// A stat is what is known of some values of a column.
type stat struct {
	low, high  float64 // of the finite ones; low > high when there are none
	fractions  float64 // Σ|x − trunc x|
	fractional int     // how many have one
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

// look gives the stat of values, of which some may be no integers.
func look(v []float64, fractions bool) stat {
	s := noValues
	if len(v) == 0 {
		return s
	}
	n := 1 // how many are like the first: of some columns all are, and it is seen soon where not
	for n < len(v) && v[n] == v[0] {
		n++
	}
	if n == len(v) && n > 1 {
		s = look(v[:1], fractions)
		s.fractions *= float64(n)
		s.fractional, s.nan, s.inf = s.fractional*n, s.nan*n, s.inf*n
		return s
	}
	low, high := s.low, s.high
	if !fractions {
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

// whole is below which sum of fractions the values of a column count as integers.
const whole = 0.01

// final gives how a column is held, by the rule of the original: as integers when their fractions sum up to less than
// 0.01, unsigned when none is negative, and else signed, in the fewest bytes that hold them with something to spare;
// as float32 when there are fractions, or values that are infinite or missing. What the original sums up has its sign,
// so that a half and a minus half would be cut off; here it has not. Beyond the range of float32 it is a float64.
//
// What takes the place of missing and infinite values counts among the values.
func (s stat) final(o *Options) (k kind, f fix, err error) {
	low, high := s.low, s.high
	f = fix{math.NaN(), math.Inf(-1), math.Inf(1)}
	stays := s.nan > 0 || s.inf > 0
	if low > high { // nothing finite
		if s.nan > 0 && o.Missing == Fill || s.inf > 0 && (o.Infinite == Fill || o.Infinite == Clip) {
			return 0, f, fmt.Errorf("no finite value to put in the place of %d others", s.nan+s.inf)
		}
		if !stays { // no rows at all
			return u8, f, nil
		}
		return f32, f, nil
	}
	if stays {
		stays = s.nan > 0 && o.Missing == Keep || s.inf > 0 && o.Infinite == Keep
		fill := low - 1
		if s.nan > 0 && o.Missing == Fill {
			f.nan, low = fill, min(low, fill)
		}
		switch {
		case s.inf == 0:
		case o.Infinite == Fill:
			f.low, f.high, low = fill, fill, min(low, fill)
		case o.Infinite == Clip:
			f.low, f.high = s.low, s.high
		}
	}
	if math.Max(-low, high) > math.MaxFloat32 {
		return f64, f, nil
	}
	if stays || s.fractions >= whole {
		return f32, f, nil
	}
	return integer(math.Trunc(low), math.Trunc(high)), f, nil
}

// integer gives the smallest kind of integers for values from low to high, float32 where there is none.
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

// aside gives how the values of a piece are put aside: in the fewest bytes that lose nothing which the column may need,
// whatever the rest of it is like.
func (s stat) aside() kind {
	big := s.low <= s.high && math.Max(-s.low, s.high) > math.MaxFloat32
	switch {
	case s.low == s.high && s.nan == 0 && s.inf == 0:
		return one
	case s.fractions >= whole && !big:
		return f32 // the column has fractions
	case s.fractional > 0 || s.nan > 0 || s.inf > 0 || big || s.low > s.high:
		return f64
	}
	if k := integer(s.low, s.high); k != f32 {
		return k
	}
	return f64
}

// A fix is what takes the place of values that are not finite.
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

// view gives bytes as numbers. They are aligned.
func view[T arrowfile.Number](b []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(zero)))
}

// put writes values to dst as a kind has them, in the order of perm unless that is nil.
func put(dst []byte, k kind, v []float64, perm []int32) {
	switch k {
	case u8:
		narrow[uint8](dst, v, perm)
	case u16:
		narrow[uint16](dst, v, perm)
	case u32:
		narrow[uint32](dst, v, perm)
	case u64:
		narrow[uint64](dst, v, perm)
	case i8:
		narrow[int8](dst, v, perm)
	case i16:
		narrow[int16](dst, v, perm)
	case i32:
		narrow[int32](dst, v, perm)
	case i64:
		narrow[int64](dst, v, perm)
	case f32:
		floats[float32](dst, v, perm)
	case f64:
		floats[float64](dst, v, perm)
	}
}

func narrow[T arrowfile.Number](dst []byte, v []float64, perm []int32) {
	d := view[T](dst)
	var zero T
	if unsafe.Sizeof(zero) == 8 {
		floats[T](dst, v, perm)
		return
	}
	d = d[:len(v)]
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

func floats[T arrowfile.Number](dst []byte, v []float64, perm []int32) {
	d := view[T](dst)[:len(v)]
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

// gather puts the values of src in a range into dst, from one kind to another that holds them.
func gather(dst []byte, to kind, src []byte, from kind, f fix) {
	switch to {
	case u8:
		gatherTo[uint8](dst, src, from, f)
	case u16:
		gatherTo[uint16](dst, src, from, f)
	case u32:
		gatherTo[uint32](dst, src, from, f)
	case u64:
		gatherTo[uint64](dst, src, from, f)
	case i8:
		gatherTo[int8](dst, src, from, f)
	case i16:
		gatherTo[int16](dst, src, from, f)
	case i32:
		gatherTo[int32](dst, src, from, f)
	case i64:
		gatherTo[int64](dst, src, from, f)
	case f32:
		gatherTo[float32](dst, src, from, f)
	case f64:
		gatherTo[float64](dst, src, from, f)
	}
}

// fill puts the same value into n places of dst.
func fill(dst []byte, k kind, n int, v float64) {
	switch k {
	case u8:
		fillTo[uint8](dst, n, v)
	case u16:
		fillTo[uint16](dst, n, v)
	case u32:
		fillTo[uint32](dst, n, v)
	case u64:
		fillTo[uint64](dst, n, v)
	case i8:
		fillTo[int8](dst, n, v)
	case i16:
		fillTo[int16](dst, n, v)
	case i32:
		fillTo[int32](dst, n, v)
	case i64:
		fillTo[int64](dst, n, v)
	case f32:
		fillTo[float32](dst, n, v)
	case f64:
		fillTo[float64](dst, n, v)
	}
}

func fillTo[T arrowfile.Number](dst []byte, n int, v float64) {
	d, x := view[T](dst)[:n], T(v)
	for i := range d {
		d[i] = x
	}
}

func gatherTo[T arrowfile.Number](dst, src []byte, from kind, f fix) {
	d := view[T](dst)
	switch from {
	case u8:
		widen(d, view[uint8](src))
	case u16:
		widen(d, view[uint16](src))
	case u32:
		widen(d, view[uint32](src))
	case u64:
		widen(d, view[uint64](src))
	case i8:
		widen(d, view[int8](src))
	case i16:
		widen(d, view[int16](src))
	case i32:
		widen(d, view[int32](src))
	case i64:
		widen(d, view[int64](src))
	case f32:
		mend(d, view[float32](src), f)
	case f64:
		mend(d, view[float64](src), f)
	}
}

func widen[T, S arrowfile.Number](d []T, s []S) {
	d = d[:len(s)]
	for i, x := range s {
		d[i] = T(x)
	}
}

func mend[T arrowfile.Number, S float32 | float64](d []T, s []S, f fix) {
	d = d[:len(s)]
	for i, x := range s {
		d[i] = T(f.of(float64(x)))
	}
}
