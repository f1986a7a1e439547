package table

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A builder gathers the values of a column.
type builder struct {
	typ      Type
	layout   string
	words    words
	floats   []float64 // for Float32 too, already rounded
	ints     []int64
	strings  []string
	bools    []bool
	times    []time.Time
	kept     int   // missing and infinite values, with Keep
	repaired []int // rows whose text has U+FFFD in place of other bytes
	texts    map[string]string
}

var (
	errNotNumber = errors.New("is not a number")
	errMissing   = errors.New("no value")
)

// add adds a cell, or returns what is wrong with it.
func (b *builder) add(cell string, p Policy) error {
	if b.typ == String {
		b.strings = append(b.strings, b.text(cell))
		return nil
	}
	cell = strings.TrimSpace(cell)
	switch b.typ {
	case Float64, Float32:
		return b.addFloat(cell, p)
	case Int64:
		v, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			return wrong(cell, "is not a whole number of 64 bits")
		}
		b.ints = append(b.ints, v)
	case Bool:
		v, err := b.words.parse(cell)
		if err != nil {
			return wrong(cell, "is neither true nor false")
		}
		b.bools = append(b.bools, v)
	case Time:
		layout := b.layout
		if layout == "" {
			layout = time.RFC3339
		}
		v, err := time.Parse(layout, cell)
		if err != nil {
			return wrong(cell, fmt.Sprintf("is not a time like %q", layout))
		}
		b.times = append(b.times, v.UTC())
	}
	return nil
}

func (b *builder) addFloat(cell string, p Policy) error {
	bits := 64
	if b.typ == Float32 {
		bits = 32
	}
	v, err := parseFloat(cell, bits)
	switch {
	case err == errNotNumber:
		return wrong(cell, err.Error())
	case err == errMissing && p != Keep && p != Fill:
		return wrong(cell, "is a missing value")
	case math.IsInf(v, 0) && p != Keep && p != Fill && p != Clip:
		return wrong(cell, "is not finite")
	case p == Keep && (err == errMissing || math.IsInf(v, 0)):
		b.kept++
	}
	b.floats = append(b.floats, v)
	return nil
}

// wrong returns the error of a cell.
func wrong(cell, what string) error {
	if cell == "" {
		return errMissing
	}
	const most = 40
	if len(cell) > most {
		return fmt.Errorf("%q… %s", cell[:most], what)
	}
	return fmt.Errorf("%q %s", cell, what)
}

// parseFloat reads a decimal number. NaN in any spelling, and an empty cell, is errMissing. A
// number that is too large is infinite.
func parseFloat(cell string, bits int) (float64, error) {
	if cell == "" {
		return math.NaN(), errMissing
	}
	if strings.ContainsAny(cell, "xX_") { // Go's own notations are not numbers in a CSV file
		return 0, errNotNumber
	}
	v, err := strconv.ParseFloat(cell, bits)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, errNotNumber
	case math.IsNaN(v):
		return v, errMissing
	}
	return v, nil
}

// words are further words for true and false.
type words struct{ yes, no []string }

func (w words) parse(cell string) (bool, error) {
	switch cell {
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	switch {
	case slices.Contains(w.yes, cell):
		return true, nil
	case slices.Contains(w.no, cell):
		return false, nil
	}
	return false, errors.New("is neither true nor false")
}

// text returns a copy of a cell: the reader's record is one string, which a short cell would keep
// in memory. Texts that repeat, such as labels and addresses, are stored once, up to a number of
// different ones.
func (b *builder) text(cell string) string {
	const most = 1 << 16
	if s, ok := b.texts[cell]; ok {
		return s
	}
	s := strings.Clone(cell)
	if !utf8.ValidString(s) {
		b.repaired = append(b.repaired, len(b.strings))
		return strings.ToValidUTF8(s, "\ufffd")
	}
	if b.texts == nil {
		b.texts = map[string]string{}
	}
	if len(b.texts) < most {
		b.texts[s] = s
	}
	return s
}

// cut removes what was added beyond n values.
func (b *builder) cut(n int) {
	b.floats = b.floats[:min(n, len(b.floats))]
	b.ints = b.ints[:min(n, len(b.ints))]
	b.strings = b.strings[:min(n, len(b.strings))]
	b.bools = b.bools[:min(n, len(b.bools))]
	b.times = b.times[:min(n, len(b.times))]
	for k := len(b.repaired); k > 0 && b.repaired[k-1] >= n; k-- {
		b.repaired = b.repaired[:k-1]
	}
}

// clip replaces infinities by the largest and smallest finite value, and returns how many.
func (b *builder) clip() (n int, err error) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range b.floats {
		if !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	for i, v := range b.floats {
		switch {
		case !math.IsInf(v, 0):
			continue
		case low > high:
			return 0, errors.New("no finite value to clip to")
		case v > 0:
			b.floats[i] = high
		default:
			b.floats[i] = low
		}
		n++
	}
	return n, nil
}

// fill replaces missing values and infinities by the smallest finite value, less one, and returns
// how many.
func (b *builder) fill() (n int, err error) {
	low := math.Inf(1)
	for _, v := range b.floats {
		if v-v == 0 { // finite
			low = min(low, v)
		}
	}
	for i, v := range b.floats {
		if v-v == 0 { // finite
			continue
		}
		if math.IsInf(low, 0) {
			return 0, errors.New("no finite value to fill with")
		}
		b.floats[i] = low - 1
		n++
	}
	return n, nil
}

// column returns the values as a column.
func (b *builder) column(name string) Column {
	switch b.typ {
	case Float64:
		return Col(name, b.floats)
	case Float32:
		return Col(name, convert(b.floats, func(v float64) float32 { return float32(v) }))
	case Int64:
		return Col(name, b.ints)
	case Bool:
		return Col(name, b.bools)
	case Time:
		return Col(name, b.times)
	}
	return Col(name, b.strings)
}
