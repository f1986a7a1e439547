package table

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// readColumn copies column i of all batches. It reads the buffers itself, and trusts no length or
// offset in the file.
func readColumn(field arrow.Field, batches []arrow.RecordBatch, i int) (Column, error) {
	parts := make([]arrow.ArrayData, len(batches))
	missing := false
	for b, batch := range batches {
		parts[b] = batch.Column(i).Data()
		missing = missing || parts[b].NullN() != 0
	}
	name := strings.ToValidUTF8(field.Name, "\ufffd")
	switch typ := field.Type.(type) {
	case *arrow.Float64Type:
		return gather(name, parts, float[float64])
	case *arrow.Float32Type:
		return gather(name, parts, float[float32])
	case *arrow.Int64Type:
		return integers[int64](name, parts, missing)
	case *arrow.Int32Type:
		return integers[int32](name, parts, missing)
	case *arrow.Int16Type:
		return integers[int16](name, parts, missing)
	case *arrow.Int8Type:
		return integers[int8](name, parts, missing)
	case *arrow.Uint64Type:
		return integers[uint64](name, parts, missing)
	case *arrow.Uint32Type:
		return integers[uint32](name, parts, missing)
	case *arrow.Uint16Type:
		return integers[uint16](name, parts, missing)
	case *arrow.Uint8Type:
		return integers[uint8](name, parts, missing)
	case *arrow.StringType:
		return gather(name, parts, texts[int32])
	case *arrow.LargeStringType:
		return gather(name, parts, texts[int64])
	case *arrow.BooleanType:
		return gather(name, parts, flags)
	case *arrow.TimestampType:
		return gather(name, parts, func(d arrow.ArrayData) ([]time.Time, error) { return times(d, typ.Unit) })
	}
	return Column{}, fmt.Errorf("its type %s is not one of numbers, booleans, text and timestamps",
		arrowfile.TypeText(field.Type))
}

// gather joins the parts of a column.
func gather[T Value](name string, parts []arrow.ArrayData, read func(arrow.ArrayData) ([]T, error)) (Column, error) {
	all := []T{}
	for b, d := range parts {
		if d.Offset() != 0 || d.Len() < 0 {
			return Column{}, fmt.Errorf("batch %d: rows from %d, %d of them", b, d.Offset(), d.Len())
		}
		v, err := read(d)
		if err != nil {
			return Column{}, fmt.Errorf("batch %d: %w", b, err)
		}
		all = append(all, v...)
	}
	return Col(name, all), nil
}

var errShort = errors.New("more values than the file holds")

// numbers returns the numbers of a part, and which are missing; those have any value.
func numbers[T arrowfile.Number](d arrow.ArrayData) (v []T, missing func(i int) bool, err error) {
	if missing, err = nulls(d); err != nil || d.Len() == 0 {
		return nil, missing, err
	}
	v, ok := arrowfile.Numbers[T](d.Buffers()[1], d.Len())
	if !ok {
		return nil, nil, errShort
	}
	return v, missing, nil
}

// nulls reads the bitmap of a part, which has a bit for each value that is there.
func nulls(d arrow.ArrayData) (func(i int) bool, error) {
	if d.NullN() == 0 {
		return func(int) bool { return false }, nil
	}
	there, ok := bits(d, 0)
	if !ok {
		return nil, errShort
	}
	return func(i int) bool { return there[i/8]>>(i%8)&1 == 0 }, nil
}

// bits returns buffer k of a part, which holds a bit for each value.
func bits(d arrow.ArrayData, k int) ([]byte, bool) {
	if b := d.Buffers()[k]; d.Len() == 0 || b != nil && d.Len() > 0 && (d.Len()-1)/8 < b.Len() {
		if b == nil {
			return nil, true
		}
		return b.Bytes(), true
	}
	return nil, false
}

func float[T float32 | float64](d arrow.ArrayData) ([]T, error) {
	v, missing, err := numbers[T](d)
	if err != nil || d.NullN() == 0 {
		return v, err
	}
	w := append([]T(nil), v...)
	for i := range w {
		if missing(i) {
			w[i] = T(math.NaN())
		}
	}
	return w, nil
}

// integers returns an Int64 column, or a Float64 one if values are missing, since an integer has no
// NaN.
func integers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](
	name string, parts []arrow.ArrayData, missing bool) (Column, error) {
	if missing {
		return gather(name, parts, func(d arrow.ArrayData) ([]float64, error) {
			v, missing, err := numbers[T](d)
			w := make([]float64, len(v))
			for i, x := range v {
				if w[i] = float64(x); missing(i) {
					w[i] = math.NaN()
				}
			}
			return w, err
		})
	}
	return gather(name, parts, func(d arrow.ArrayData) ([]int64, error) {
		v, _, err := numbers[T](d)
		w := make([]int64, len(v))
		for i, x := range v {
			w[i] = int64(x)
			if x > 0 && w[i] < 0 {
				return nil, fmt.Errorf("row %d: %v is too large for an int64", i, x)
			}
		}
		return w, err
	})
}

func texts[O int32 | int64](d arrow.ArrayData) ([]string, error) {
	missing, err := nulls(d)
	if err != nil || d.Len() == 0 {
		return nil, err
	}
	offsets, ok := arrowfile.Numbers[O](d.Buffers()[1], d.Len()+1)
	if !ok {
		return nil, errShort
	}
	var data []byte
	if b := d.Buffers()[2]; b != nil {
		data = b.Bytes()
	}
	// All texts are parts of one string, which saves an allocation for each.
	from, to := int64(offsets[0]), int64(offsets[d.Len()])
	if from < 0 || from > to || to > int64(len(data)) {
		return nil, fmt.Errorf("text from %d to %d of %d bytes", from, to, len(data))
	}
	all := string(data[from:to])
	v := make([]string, d.Len())
	for i := range v {
		a, b := int64(offsets[i])-from, int64(offsets[i+1])-from
		if a < 0 || a > b || b > int64(len(all)) {
			return nil, fmt.Errorf("row %d: text from %d to %d of %d bytes", i, a, b, len(all))
		}
		if !missing(i) {
			v[i] = strings.ToValidUTF8(all[a:b], "\ufffd")
		}
	}
	return v, nil
}

func flags(d arrow.ArrayData) ([]bool, error) {
	if d.NullN() != 0 {
		return nil, fmt.Errorf("%d missing booleans", d.NullN())
	}
	set, ok := bits(d, 1)
	if !ok {
		return nil, errShort
	}
	v := make([]bool, d.Len())
	for i := range v {
		v[i] = set[i/8]>>(i%8)&1 == 1
	}
	return v, nil
}

func times(d arrow.ArrayData, unit arrow.TimeUnit) ([]time.Time, error) {
	if d.NullN() != 0 {
		return nil, fmt.Errorf("%d missing times", d.NullN())
	}
	v, _, err := numbers[int64](d)
	w := make([]time.Time, len(v))
	for i, x := range v {
		switch unit {
		case arrow.Second:
			w[i] = time.Unix(x, 0).UTC()
		case arrow.Millisecond:
			w[i] = time.UnixMilli(x).UTC()
		case arrow.Microsecond:
			w[i] = time.UnixMicro(x).UTC()
		default:
			w[i] = time.Unix(0, x).UTC()
		}
	}
	return w, err
}
