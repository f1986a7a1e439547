package encode

import (
	"fmt"
	"slices"
)

// A Decoded column is what features say of a column: numbers, or for OneHot and Bins the value or
// class whose feature is largest, "" if none is above 0.
type Decoded struct {
	Name    string
	Numbers []float64
	Texts   []string
}

// Decode undoes Encode, for predictions as well: (x·sd)+mean, for a logarithm its inverse, numbers
// and flags as they are, the likeliest of values and classes, and the median of a bin. Columns
// without features are left out. It panics if rows does not hold whole rows.
func (c *TableEncoder) Decode(rows []float32) []Decoded {
	width := c.Features()
	if width == 0 || len(rows)%width != 0 {
		panic(fmt.Sprintf("encode: %d values are not whole rows of %d features", len(rows), width))
	}
	n := len(rows) / width
	var all []Decoded
	at := 0
	for _, p := range c.parts {
		k := len(p.features())
		if k == 0 {
			continue
		}
		d := Decoded{Name: p.column}
		for i := range n {
			part := rows[i*width+at:][:k]
			switch p.kind {
			case kindOneHot, kindClasses, kindSeen:
				d.Name = p.prefix
				best := slices.Max(part)
				text := ""
				if best > 0 {
					text = p.names[slices.Index(part, best)]
				}
				d.Texts = append(d.Texts, text)
			case kindQuantiles:
				d.Numbers = append(d.Numbers, p.center(part[0]))
			case kindZScore:
				v := float64(part[0])*p.sd + p.mean
				if p.log {
					v = unlogged(v)
				}
				d.Numbers = append(d.Numbers, v)
			default:
				d.Numbers = append(d.Numbers, float64(part[0]))
			}
		}
		all = append(all, d)
		at += k
	}
	return all
}

// A Loss is what setting a feature to 0 costs.
type Dropped struct {
	Feature string
	Rows    int      // whose feature would be 1, and whose value or class is lost
	Of      int      // rows in all
	Others  []string // the values or classes that are left
}

// Zeroed returns what the columns with Zero lose on the rows of a table: a Loss for each feature
// that is set to 0.
func (c *TableEncoder) Zeroed(t Source) ([]Dropped, error) {
	var losses []Dropped
	for _, p := range c.parts {
		if len(p.zero) == 0 || p.empty {
			continue
		}
		if !t.Has(p.column) {
			return nil, fmt.Errorf("encode: no column %q: there are %q", p.column, t.Names())
		}
		count := make([]int, len(p.names))
		if err := p.each(t, func(_, k int) { count[k]++ }); err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		var others []string
		for _, name := range p.names {
			if !slices.Contains(p.zero, name) {
				others = append(others, name)
			}
		}
		for k, name := range p.names {
			if slices.Contains(p.zero, name) {
				losses = append(losses, Dropped{p.prefix + "-" + name, count[k], t.NumRows(), others})
			}
		}
	}
	return losses, nil
}

// String returns the loss in one line.
func (l Dropped) String() string {
	if l.Rows == 0 {
		return fmt.Sprintf("%s: set to 0; none of %d rows had a 1", l.Feature, l.Of)
	}
	return fmt.Sprintf("%s: set to 0; %d of %d rows (%.1f %%) had a 1 and are now none of %q", l.Feature, l.Rows, l.Of,
		100*float64(l.Rows)/float64(max(l.Of, 1)), l.Others)
}
