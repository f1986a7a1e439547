package encode

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	kindQuantiles = "quantiles"
	kindSeen      = "seen"
)

// Quantiles makes one feature of a column of numbers: the number, from 0, of the bin that the value
// falls into. The limits between bins are quantiles of the rows that it is fitted on, so that bins
// hold about as many rows each; a value that many rows have leaves fewer bins, and a flag leaves
// two. Bin i holds limits[i-1] ≤ x < limits[i], the first also all below and the last all above,
// infinities too. A missing value has a bin of its own, after the last. Decoding returns the median
// of the bin's rows, not the value.
func Quantiles(column string, bins int) Column {
	return Column{kind: kindQuantiles, column: column, bins: bins}
}

// Seen returns a feature for each value that a column has in the rows that it is fitted on, in the
// order of their text, as pandas.get_dummies: named "column-value", 1 where the column has that
// value and else 0. A value that was not seen, and one that is missing, has none of them. most,
// when it is above 0, takes the most frequent values alone.
func Categories(column string, most int) Column {
	return Column{kind: kindSeen, column: column, prefix: column, bins: most}
}

// fitQuantiles finds the limits, and the median between each two of them.
func (p *Column) fitQuantiles(t Source) error {
	if t.Text(p.column) {
		return fmt.Errorf("column %q is text, want numbers", p.column)
	}
	var x []float64
	for _, v := range t.Float64s(p.column) {
		if !math.IsNaN(v) {
			x = append(x, v)
		}
	}
	slices.Sort(x)
	p.limits = []float64{}
	for k := 1; k < p.bins; k++ {
		at := x[k*len(x)/p.bins]
		// The first bin is not empty, and limits increase. Nothing lies below -Inf, and infinities are
		// with the largest.
		if at > x[0] && !math.IsInf(at, 0) && (len(p.limits) == 0 || at > p.limits[len(p.limits)-1]) {
			p.limits = append(p.limits, at)
		}
	}
	p.centers = []float64{}
	for from := 0; len(p.centers) <= len(p.limits); {
		to := len(x)
		if k := len(p.centers); k < len(p.limits) {
			to = sort.SearchFloat64s(x, p.limits[k])
		}
		middle := x[from+(to-from-1)/2]
		if math.IsInf(middle, 0) {
			middle = math.Copysign(math.MaxFloat64, middle)
		}
		p.centers = append(p.centers, middle)
		from = to
	}
	p.fitted = true
	return nil
}

// fitSeen finds the values.
func (p *Column) fitSeen(t Source) {
	count := map[string]int{}
	for _, v := range t.Strings(p.column) {
		if v != "" {
			count[v]++
		}
	}
	p.names = []string{}
	for v := range count {
		p.names = append(p.names, v)
	}
	slices.Sort(p.names)
	if p.bins > 0 && len(p.names) > p.bins {
		slices.SortStableFunc(p.names, func(a, b string) int { return count[b] - count[a] })
		p.names = p.names[:p.bins]
		slices.Sort(p.names)
	}
	p.fitted = true
}

// bin returns the number of the bin of a value.
func (p Column) bin(x float64) int {
	if math.IsNaN(x) {
		return len(p.limits) + 1
	}
	i, found := slices.BinarySearch(p.limits, x)
	if found {
		i++
	}
	return i
}

func (p Column) encodeQuantiles(t Source, rows []float32, at, width int) error {
	if t.Text(p.column) && !empty(t, p.column) {
		return fmt.Errorf("column %q is text, want numbers", p.column)
	}
	if t.Text(p.column) { // empty throughout, so that its type is not known
		for i := range t.NumRows() {
			rows[i*width+at] = float32(p.bin(math.NaN()))
		}
		return nil
	}
	for i, x := range t.Float64s(p.column) {
		rows[i*width+at] = float32(p.bin(x))
	}
	return nil
}

func (p Column) encodeSeen(t Source, rows []float32, at, width int) {
	place := map[string]int{}
	for k, name := range p.names {
		place[name] = k
	}
	for i, v := range t.Strings(p.column) {
		if k, ok := place[v]; ok {
			rows[i*width+at+k] = 1
		}
	}
}

// center returns what the number of a bin is decoded to: NaN for missing values.
func (p Column) center(v float32) float64 {
	k := int(math.Round(float64(v)))
	if k < 0 || k >= len(p.centers) {
		return math.NaN()
	}
	return p.centers[k]
}

// checkFitted reports what is wrong with what was fitted.
func (p Column) checkFitted() error {
	switch p.kind {
	case kindQuantiles:
		if p.bins < 2 || p.bins > 1<<16 {
			return fmt.Errorf("column %q: %d bins: want 2 to %d", p.column, p.bins, 1<<16)
		}
		if !p.fitted {
			return nil
		}
		rising := true
		for i := 1; i < len(p.limits); i++ {
			rising = rising && p.limits[i-1] < p.limits[i]
		}
		if len(p.limits) >= p.bins || !rising || slices.ContainsFunc(p.limits, notFinite) {
			return fmt.Errorf("column %q: limits %v for %d bins: want fewer, rising and finite", p.column,
				p.limits, p.bins)
		}
		if len(p.centers) != len(p.limits)+1 || slices.ContainsFunc(p.centers, notFinite) {
			return fmt.Errorf("column %q: %d centers for %d bins: want one for each, finite", p.column,
				len(p.centers), len(p.limits)+1)
		}
	case kindSeen:
		if p.bins < 0 {
			return fmt.Errorf("column %q: the %d most frequent values", p.column, p.bins)
		}
		for i, name := range p.names {
			if name == "" || slices.Contains(p.names[:i], name) {
				return fmt.Errorf("column %q: the value %q twice, or none", p.column, name)
			}
		}
	}
	return nil
}

// values returns how many values a feature of the column can have, 0, 1, …; 0 if it has any number.
func (p Column) values() int {
	switch p.kind {
	case kindQuantiles:
		return len(p.limits) + 2
	case kindFlag, kindOneHot, kindClasses, kindSeen:
		return 2
	}
	return 0
}

// offsets returns the first id of each feature, then the number of ids.
func (c *TableEncoder) offsets() ([]int, error) {
	offsets := []int{0}
	for _, p := range c.parts {
		n := p.values()
		if n == 0 && !p.empty {
			return nil, fmt.Errorf("encode: column %q, kind %q: its values are not counted, so that they can be no ids",
				p.column, p.kind)
		}
		for range p.features() {
			offsets = append(offsets, offsets[len(offsets)-1]+n)
		}
	}
	return offsets, nil
}

// Vocabulary returns the number of ids of an encoder whose features all have a limited number of
// values, as those of Quantiles, Flag, OneHot, Bins and Seen have. For others it is an error.
func (c *TableEncoder) Vocabulary() (int, error) {
	offsets, err := c.offsets()
	if err != nil {
		return 0, err
	}
	return offsets[len(offsets)-1], nil
}

// IDs returns the rows of a table as ids for an embedding, [rows][Features]: each value of each
// feature has an id of its own, so that a 0 of one feature is another word than a 0 of the next.
// Errors are those of Encode and Vocabulary.
func (c *TableEncoder) IDs(t Source) ([]float32, error) {
	offsets, err := c.offsets()
	if err != nil {
		return nil, err
	}
	rows, err := c.Encode(t)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i] += float32(offsets[i%(len(offsets)-1)])
	}
	return rows, nil
}

// FromIDs returns ids as the features that Decode takes. An id that does not belong to its feature
// is an error.
func (c *TableEncoder) FromIDs(ids []float32) ([]float32, error) {
	offsets, err := c.offsets()
	if err != nil {
		return nil, err
	}
	width := len(offsets) - 1
	if width == 0 || len(ids)%width != 0 {
		return nil, errors.New("encode: the ids are not whole rows")
	}
	rows := make([]float32, len(ids))
	for i, id := range ids {
		from, to := float32(offsets[i%width]), float32(offsets[i%width+1])
		if !(id >= from && id < to) {
			return nil, fmt.Errorf("encode: row %d: feature %d: id %v: want %v to %v", i/width, i%width, id, from, to-1)
		}
		rows[i] = id - from
	}
	return rows, nil
}

// Scaled returns the rows of a table as features from 0 to 1: the number of a bin divided by that
// of the last one, and the others as Encode has them. Errors are those of IDs.
func (c *TableEncoder) Scaled(t Source) ([]float32, error) {
	offsets, err := c.offsets()
	if err != nil {
		return nil, err
	}
	rows, err := c.Encode(t)
	if err != nil {
		return nil, err
	}
	width := len(offsets) - 1
	for i := range rows {
		rows[i] /= float32(offsets[i%width+1] - offsets[i%width] - 1)
	}
	return rows, nil
}
