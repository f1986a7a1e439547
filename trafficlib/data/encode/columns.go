package encode

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Source is a table as the encoder sees it; *table.Table is one.
type Source interface {
	NumRows() int
	Names() []string
	Has(name string) bool
	Text(name string) bool          // whether the column is text, and so not for Float64s
	Float64s(name string) []float64 // NaN for a missing value
	Strings(name string) []string
}

// A TableEncoder turns rows of a table, with columns of any type, into rows of float32 features,
// and back. FitTable and OpenTable make one. Use does not change it, so that many goroutines may
// share it.
type TableEncoder struct {
	parts   []Column
	notices []string
}

// FitTable fits columns on the rows of a table, in the order of the features. A column that is
// empty throughout makes no features, here and on other tables, and a notice says so. It is an
// error if a column does not exist, a value is missing or does not suit its column, or there is no
// row.
func FitTable(t Source, parts ...Column) (*TableEncoder, error) {
	if t.NumRows() == 0 {
		return nil, errors.New("encode: no rows to fit on")
	}
	c := &TableEncoder{parts: slices.Clone(parts)}
	for i := range c.parts {
		p := &c.parts[i]
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		if !t.Has(p.column) {
			return nil, fmt.Errorf("encode: no column %q: there are %q", p.column, t.Names())
		}
		if empty(t, p.column) {
			p.empty = true
			c.notices = append(c.notices, fmt.Sprintf("column %q is empty throughout: it makes no features", p.column))
			continue
		}
		if err := c.fit(p, t); err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
	}
	if err := c.checkAll(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	// Report what cannot be encoded at once, and not when the rows are encoded.
	if _, err := c.Encode(t); err != nil {
		return nil, err
	}
	return c, nil
}

// checkAll reports what is wrong with the columns as a whole.
func (c *TableEncoder) checkAll() error {
	names := c.Names()
	if len(names) == 0 {
		return errors.New("no features")
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return fmt.Errorf("two features %q", name)
		}
		seen[name] = true
	}
	return nil
}

// empty reports whether a column has no value at all.
func empty(t Source, column string) bool {
	if t.Text(column) {
		return !slices.ContainsFunc(t.Strings(column), func(s string) bool { return s != "" })
	}
	return !slices.ContainsFunc(t.Float64s(column), func(x float64) bool { return !math.IsNaN(x) })
}

// fit finds what a column takes from the rows: mean and standard deviation, limits, values.
func (c *TableEncoder) fit(p *Column, t Source) error {
	switch {
	case p.kind == kindQuantiles && !p.fitted:
		return p.fitQuantiles(t)
	case p.kind == kindSeen && !p.fitted:
		p.fitSeen(t)
		return nil
	}
	if p.kind != kindZScore || p.fitted {
		return nil
	}
	x, err := p.numbers(t)
	if err != nil {
		return err
	}
	if p.log {
		x = slices.Clone(x)
		for i, v := range x {
			x[i] = logged(v)
		}
	}
	p.mean, p.sd = meanAndSD(x)
	p.fitted = true
	if notFinite(p.mean) || notFinite(p.sd) {
		return fmt.Errorf("column %q: its values are too large for a mean and a standard deviation", p.column)
	}
	if p.sd == 0 {
		c.notices = append(c.notices, fmt.Sprintf("column %q is %v in all rows: it is encoded as 0", p.column, p.mean))
	}
	return nil
}

// numbers returns a column of numbers, all of them finite.
func (p Column) numbers(t Source) ([]float64, error) {
	if t.Text(p.column) {
		return nil, fmt.Errorf("column %q is text, want numbers", p.column)
	}
	x := t.Float64s(p.column)
	if i := slices.IndexFunc(x, notFinite); i >= 0 {
		return nil, fmt.Errorf("row %d: column %q: %v is not a finite number", i, p.column, x[i])
	}
	return x, nil
}

// Features returns the width of an encoded row.
func (c *TableEncoder) Features() int { return len(c.Names()) }

// Names returns the names of the features, in order.
func (c *TableEncoder) Names() []string {
	var names []string
	for _, p := range c.parts {
		names = append(names, p.features()...)
	}
	return names
}

// Notices returns what fitting found: columns that are empty or always the same.
func (c *TableEncoder) Notices() []string { return slices.Clone(c.notices) }

// Encode returns the rows of a table as features, row-major, [rows][Features], all of them finite.
// It is an error if a column does not exist or a value cannot be encoded: `encode: row 5: column
// "protocol": "UDP" is none of …`.
func (c *TableEncoder) Encode(t Source) ([]float32, error) {
	width := c.Features()
	rows := make([]float32, t.NumRows()*width)
	at := 0
	for _, p := range c.parts {
		n := len(p.features())
		if n == 0 {
			continue
		}
		if !t.Has(p.column) {
			return nil, fmt.Errorf("encode: no column %q: there are %q", p.column, t.Names())
		}
		if err := p.encode(t, rows, at, width); err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		at += n
	}
	return rows, nil
}

// encode fills the features of one column, those from at on in each row.
func (p Column) encode(t Source, rows []float32, at, width int) error {
	if p.kind == kindOneHot || p.kind == kindClasses {
		return p.each(t, func(row, k int) {
			if !slices.Contains(p.zero, p.names[k]) {
				rows[row*width+at+k] = 1
			}
		})
	}
	switch p.kind {
	case kindQuantiles:
		return p.encodeQuantiles(t, rows, at, width)
	case kindSeen:
		p.encodeSeen(t, rows, at, width)
		return nil
	}
	x, err := p.numbers(t)
	if err != nil {
		return err
	}
	for i, v := range x {
		if p.log {
			v = logged(v)
		}
		switch {
		case p.kind == kindFlag && v != 0 && v != 1:
			return fmt.Errorf("row %d: column %q: %v is not 0 or 1", i, p.column, v)
		case p.kind == kindZScore && p.sd == 0:
			v = 0
		case p.kind == kindZScore:
			v = (v - p.mean) / p.sd
			if p.within > 0 {
				v = min(max(v, -p.within), p.within)
			}
		}
		rows[i*width+at] = narrow(v)
	}
	return nil
}

// each calls f with the number of each row's value or class.
func (p Column) each(t Source, f func(row, k int)) error {
	var texts []string
	var x []float64
	var err error
	if p.kind == kindOneHot {
		texts = t.Strings(p.column)
	} else if x, err = p.numbers(t); err != nil {
		return err
	}
	for i := range t.NumRows() {
		var k int
		if p.kind == kindOneHot {
			k, err = p.index(texts[i], 0)
		} else {
			k, err = p.index("", x[i])
		}
		if err != nil {
			return fmt.Errorf("row %d: column %q: %w", i, p.column, err)
		}
		f(i, k)
	}
	return nil
}
