package table

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Type is the type of a column's values.
type Type int

// The types. With Auto, the zero value, ReadCSV finds the type from all values of the column.
const (
	Auto    Type = iota
	Float64      // float64; NaN is a missing value
	Float32      // float32; NaN is a missing value
	Int64        // int64
	String       // string, valid UTF-8
	Bool         // bool
	Time         // time.Time, in files to the microsecond
)

func (t Type) String() string {
	return [...]string{"auto", "float64", "float32", "int64", "string", "bool", "time"}[t]
}

// Value is a type that a column can hold.
type Value interface {
	float64 | float32 | int64 | string | bool | time.Time
}

// A Column is a name and values of one type. Col makes one.
type Column struct {
	name   string
	values any // a []T for one T of Value
}

// Col makes a column. It keeps the values without a copy: they must not be changed afterwards.
func Col[T Value](name string, values []T) Column { return Column{name, values} }

// IntCol makes a column of integers out of ints.
func IntCol(name string, values []int) Column {
	v := make([]int64, len(values))
	for i, x := range values {
		v[i] = int64(x)
	}
	return Col(name, v)
}

// Values returns the values of a column, which must not be changed. It panics if the table has no
// such column, or one of another type.
func Values[T Value](t *Table, name string) []T {
	c := t.Column(name)
	v, ok := c.values.([]T)
	if !ok {
		panic(fmt.Sprintf("table: column %q is %v, not %T", name, c.Type(), *new(T)))
	}
	return v
}

// Name returns the name.
func (c Column) Name() string { return c.name }

// Type returns the type of the values.
func (c Column) Type() Type {
	switch c.values.(type) {
	case []float64:
		return Float64
	case []float32:
		return Float32
	case []int64:
		return Int64
	case []string:
		return String
	case []bool:
		return Bool
	case []time.Time:
		return Time
	}
	return Auto
}

// Len returns the number of values.
func (c Column) Len() int {
	switch v := c.values.(type) {
	case []float64:
		return len(v)
	case []float32:
		return len(v)
	case []int64:
		return len(v)
	case []string:
		return len(v)
	case []bool:
		return len(v)
	case []time.Time:
		return len(v)
	}
	return 0
}

// numeric reports whether the values are numbers.
func (c Column) numeric() bool {
	t := c.Type()
	return t == Float64 || t == Float32 || t == Int64
}

// Float64s returns the values as float64: numbers, 1 and 0 for true and false, seconds since 1970
// for times. It panics for text. For a Float64 column it is the column's own memory and must not be
// changed.
func (c Column) Float64s() []float64 {
	switch v := c.values.(type) {
	case []float64:
		return v
	case []float32:
		return convert(v, func(x float32) float64 { return float64(x) })
	case []int64:
		return convert(v, func(x int64) float64 { return float64(x) })
	case []bool:
		return convert(v, func(x bool) float64 {
			if x {
				return 1
			}
			return 0
		})
	case []time.Time:
		return convert(v, func(x time.Time) float64 { return float64(x.Unix()) + float64(x.Nanosecond())/1e9 })
	}
	panic(fmt.Sprintf("table: column %q is %v, not numbers", c.name, c.Type()))
}

// Strings returns the values as text, numbers with as many digits as tell them from any other. For
// a String column it is the column's own memory and must not be changed.
func (c Column) Strings() []string {
	switch v := c.values.(type) {
	case []float64:
		return convert(v, func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) })
	case []float32:
		return convert(v, func(x float32) string { return strconv.FormatFloat(float64(x), 'g', -1, 32) })
	case []int64:
		return convert(v, func(x int64) string { return strconv.FormatInt(x, 10) })
	case []string:
		return v
	case []bool:
		return convert(v, strconv.FormatBool)
	case []time.Time:
		return convert(v, func(x time.Time) string { return x.Format(time.RFC3339Nano) })
	}
	return nil
}

func convert[S, T any](v []S, f func(S) T) []T {
	w := make([]T, len(v))
	for i, x := range v {
		w[i] = f(x)
	}
	return w
}

// show returns value i for people: floats with six digits.
func (c Column) show(i int) string {
	switch v := c.values.(type) {
	case []float64:
		if x := v[i]; x == math.Trunc(x) && math.Abs(x) < 1e15 {
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
		return strconv.FormatFloat(v[i], 'g', 6, 64)
	case []float32:
		return Col("", []float64{float64(v[i])}).show(0)
	case []time.Time:
		return v[i].Format("2006-01-02 15:04:05.999999")
	}
	return c.slice(i, i+1).Strings()[0]
}

// slice returns rows from … to-1, sharing memory.
func (c Column) slice(from, to int) Column {
	switch v := c.values.(type) {
	case []float64:
		c.values = v[from:to:to]
	case []float32:
		c.values = v[from:to:to]
	case []int64:
		c.values = v[from:to:to]
	case []string:
		c.values = v[from:to:to]
	case []bool:
		c.values = v[from:to:to]
	case []time.Time:
		c.values = v[from:to:to]
	}
	return c
}

// take returns the rows of the given numbers.
func (c Column) take(index []int) Column {
	switch v := c.values.(type) {
	case []float64:
		c.values = pick(v, index)
	case []float32:
		c.values = pick(v, index)
	case []int64:
		c.values = pick(v, index)
	case []string:
		c.values = pick(v, index)
	case []bool:
		c.values = pick(v, index)
	case []time.Time:
		c.values = pick(v, index)
	}
	return c
}

func pick[T any](v []T, index []int) []T {
	w := make([]T, len(index))
	for k, i := range index {
		w[k] = v[i]
	}
	return w
}
