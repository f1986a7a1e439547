package encode

import (
	"fmt"
	"math"
	"slices"
)

// A Column says how one column of a table becomes features. ZScore, Flag, Number, OneHot, Bins,
// Quantiles and Seen make one.
type Column struct {
	kind   string
	column string
	prefix string    // of the names of its features, if there are several
	mean   float64   // of kindZScore
	sd     float64   // of kindZScore; 0 encodes all as 0
	fitted bool      // what is found in rows is known
	log    bool      // of kindZScore: of the logarithm
	within float64   // of kindZScore: values beyond are moved there; 0 for none
	names  []string  // values or classes that features stand for
	limits []float64 // of kindClasses and kindQuantiles, between the classes, increasing
	zero   []string  // the names whose feature is always 0
	empty  bool      // there was nothing to fit on, and there are no features

	bins    int       // largest number, of kindQuantiles of bins, of kindSeen of values; 0 for all
	centers []float64 // of kindQuantiles, the median of each bin
}

const (
	kindZScore  = "zscore"
	kindFlag    = "flag"
	kindNumber  = "number"
	kindOneHot  = "onehot"
	kindClasses = "classes"
)

// ZScore encodes a number as (x-mean)/sd, with the mean and the standard deviation of the rows that
// it is fitted on (of a sample: divided by n-1, as pandas does). A column with a single value is
// encoded as 0.
func ZScore(column string) Column { return Column{kind: kindZScore, column: column} }

// ZScoreWith encodes a number as (x-mean)/sd with a given mean and standard deviation.
func ZScoreWith(column string, mean, sd float64) Column {
	return Column{kind: kindZScore, column: column, mean: mean, sd: sd, fitted: true}
}

// Log returns a ZScore of the logarithm of each value, sign(x)·ln(1+|x|): for sizes and durations,
// which range from 0 to millions.
func (p Column) Log() Column {
	p.log = true
	return p
}

// Within returns a ZScore with values below -limit or above limit moved there, so that one value
// far outside of the fitted rows does not outweigh all others.
func (p Column) Within(limit float64) Column {
	p.within = limit
	return p
}

// Flag encodes 0 or 1 as it is, and refuses all else. The column may hold numbers or booleans.
func Flag(column string) Column { return Column{kind: kindFlag, column: column} }

// Number encodes a number as it is.
func Number(column string) Column { return Column{kind: kindNumber, column: column} }

// OneHot makes a feature for each of the values, named "column-value", which is 1 if the column has
// that value and else 0. Any other value is refused: the list is fixed, so that features stay the
// same on other data.
func OneHot(column string, values ...string) Column {
	return Column{kind: kindOneHot, column: column, prefix: column, names: values}
}

// Bins makes a feature for each of the classes, named "prefix-class", which is 1 if the number
// falls into it and else 0: class i holds limits[i-1] ≤ x < limits[i], the first all below and the
// last all above.
func Bins(column, prefix string, classes []string, limits []float64) Column {
	return Column{kind: kindClasses, column: column, prefix: prefix, names: classes, limits: limits}
}

// Zero returns the column with the features of these values or classes always 0.
func (p Column) Zero(names ...string) Column {
	p.zero = slices.Concat(p.zero, names)
	return p
}

// check reports what is wrong with a column.
func (p Column) check() error {
	switch p.kind {
	case kindZScore:
		if p.fitted && !(p.sd >= 0 && p.sd <= math.MaxFloat64 && math.Abs(p.mean) <= math.MaxFloat64) {
			return fmt.Errorf("column %q: mean %v and standard deviation %v", p.column, p.mean, p.sd)
		}
	case kindFlag, kindNumber:
	case kindQuantiles, kindSeen:
		if err := p.checkFitted(); err != nil {
			return err
		}
	case kindClasses:
		if len(p.limits) != len(p.names)-1 || !slices.IsSorted(p.limits) || slices.ContainsFunc(p.limits, notFinite) {
			return fmt.Errorf("column %q: limits %v for %d classes: want one less, rising and finite", p.column,
				p.limits, len(p.names))
		}
		fallthrough
	case kindOneHot:
		if len(p.names) == 0 {
			return fmt.Errorf("column %q: no values", p.column)
		}
		for i, name := range p.names {
			if slices.Contains(p.names[:i], name) {
				return fmt.Errorf("column %q: %q twice", p.column, name)
			}
		}
	default:
		return fmt.Errorf("column %q: kind %q, want zscore, flag, number, onehot, classes, quantiles or seen",
			p.column, p.kind)
	}
	if p.kind != kindZScore && (p.log || p.within != 0) || !(p.within >= 0 && p.within <= math.MaxFloat64) {
		return fmt.Errorf("column %q: kind %q with a logarithm (%v) or within %v: "+
			"these are for zscore, and a limit is positive", p.column, p.kind, p.log, p.within)
	}
	for _, name := range p.zero {
		if !slices.Contains(p.names, name) {
			return fmt.Errorf("column %q: %q is to be 0, but is not among %q", p.column, name, p.names)
		}
	}
	return nil
}

// logged is sign(x)·ln(1+|x|), and its inverse.
func logged(x float64) float64   { return math.Copysign(math.Log1p(math.Abs(x)), x) }
func unlogged(y float64) float64 { return math.Copysign(math.Expm1(math.Abs(y)), y) }

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// features returns the names of the features.
func (p Column) features() []string {
	switch {
	case p.empty:
		return nil
	case p.names == nil:
		return []string{p.column}
	}
	names := make([]string, len(p.names))
	for i, name := range p.names {
		names[i] = p.prefix + "-" + name
	}
	return names
}

// index returns the number of the value or class of a row, or what is wrong with it.
func (p Column) index(text string, x float64) (int, error) {
	if p.kind == kindClasses {
		if notFinite(x) {
			return 0, fmt.Errorf("%v is in no class", x)
		}
		i, found := slices.BinarySearch(p.limits, x)
		if found {
			i++
		}
		return i, nil
	}
	if i := slices.Index(p.names, text); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%q is none of %q", text, p.names)
}
