package parquet

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A column says how the values of a column are written.
type column struct {
	name string
	text func(parquet.Value) string
}

// columnsOf returns the columns of a schema without nested columns.
func columnsOf(schema *parquet.Schema) ([]column, error) {
	var all []column
	for _, f := range schema.Fields() {
		if !f.Leaf() || f.Repeated() {
			return nil, fmt.Errorf("column %q is a list, or has columns of its own", f.Name())
		}
		all = append(all, column{f.Name(), orNothing(textOf(f.Type()))})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no columns")
	}
	return all, nil
}

// orNothing writes a missing value as an empty cell.
func orNothing(text func(parquet.Value) string) func(parquet.Value) string {
	return func(v parquet.Value) string {
		if v.IsNull() {
			return ""
		}
		return text(v)
	}
}

func textOf(t parquet.Type) func(parquet.Value) string {
	if l := t.LogicalType(); l != nil {
		if text := ofLogical(l.Value); text != nil {
			return text
		}
	}
	switch t.Kind() {
	case parquet.Boolean: // flags are numbers to the readers of flows
		return func(v parquet.Value) string {
			if v.Boolean() {
				return "1"
			}
			return "0"
		}
	case parquet.Int32:
		return func(v parquet.Value) string { return strconv.FormatInt(int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(v parquet.Value) string { return strconv.FormatInt(v.Int64(), 10) }
	case parquet.Int96: // nanoseconds of the day, and the day in the Julian calendar
		return func(v parquet.Value) string {
			const epoch = 2_440_588
			i := v.Int96()
			nanos := int64(i[1])<<32 | int64(i[0])
			return clock(time.Unix((int64(i[2])-epoch)*86_400, nanos))
		}
	case parquet.Float:
		return func(v parquet.Value) string { return float(float64(v.Float()), 32) }
	case parquet.Double:
		return func(v parquet.Value) string { return float(v.Double(), 64) }
	}
	return func(v parquet.Value) string { return string(v.ByteArray()) }
}

// ofLogical returns how to write values of a logical type; nil if they are written as they are.
func ofLogical(meaning format.LogicalTypeValue) func(parquet.Value) string {
	switch t := meaning.(type) {
	case *format.TimestampType:
		if t.Unit.Value == nil {
			return nil
		}
		unit := int64(t.Unit.Value.Duration())
		if unit <= 0 {
			return nil
		}
		perSecond := int64(time.Second) / unit
		return func(v parquet.Value) string {
			n := v.Int64()
			return clock(time.Unix(n/perSecond, n%perSecond*unit))
		}
	case *format.DateType:
		return func(v parquet.Value) string { return time.Unix(int64(v.Int32())*86_400, 0).UTC().Format(time.DateOnly) }
	case *format.IntType:
		switch {
		case t.IsSigned:
			return nil
		case t.BitWidth > 32:
			return func(v parquet.Value) string { return strconv.FormatUint(v.Uint64(), 10) }
		}
		return func(v parquet.Value) string { return strconv.FormatUint(uint64(v.Uint32()), 10) }
	case *format.DecimalType:
		return func(v parquet.Value) string { return decimal(v, int(t.Scale)) }
	}
	return nil
}

// clock writes a time to the microsecond, as the readers of flows expect it.
func clock(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond() == 0 {
		return t.Format(time.DateTime)
	}
	return t.Format("2006-01-02 15:04:05.000000")
}

// float writes a number in as few digits as it needs, and NaN, a missing value, as an empty cell.
func float(v float64, bits int) string {
	const longest = 1e15
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'g', -1, bits), "Inf", "Infinity", 1)
	case math.Abs(v) < longest:
		return strconv.FormatFloat(v, 'f', -1, bits)
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}

// decimal writes an integer in units of 10^-scale.
func decimal(v parquet.Value, scale int) string {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32:
		n.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		n.SetInt64(v.Int64())
	default: // big-endian, in two's complement
		b := v.ByteArray()
		n.SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	const most = 38 // digits of a decimal
	if scale <= 0 || scale > most {
		return n.String()
	}
	digits := n.Text(10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	if short := scale + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}
