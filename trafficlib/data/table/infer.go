package table

import (
	"strconv"
	"strings"
)

// types returns the types of the columns: those of Options, and else the first that fits all
// values.
func (f *csvFile) types() ([]Type, error) {
	types := make([]Type, len(f.index))
	found := make([]guess, len(f.index))
	for k := range found {
		found[k].words = words{f.o.True, f.o.False}
	}
	auto := false
	for k, i := range f.index {
		types[k] = f.o.Types[f.names[i]]
		auto = auto || types[k] == Auto
	}
	if !auto {
		return types, nil
	}
	f.bad = func(_ int, err error) error {
		if f.o.Policy.skips(err) {
			return nil
		}
		return err
	}
	err := f.scan(func(_ int, record []string) error {
		for k, i := range f.index {
			if types[k] == Auto {
				found[k].see(record[i])
			}
		}
		return nil
	})
	for k := range types {
		if types[k] == Auto {
			types[k] = found[k].typ()
		}
	}
	return types, err
}

// A guess is which types the values of a column have ruled out so far. The zero value has seen
// none.
type guess struct {
	words                      words
	some, empty                bool
	notInt, notFloat, notFlags bool
}

func (g *guess) see(cell string) {
	if g.notInt && g.notFloat && g.notFlags {
		return // it is text
	}
	cell = strings.TrimSpace(cell)
	if cell == "" {
		g.empty = true
		return
	}
	g.some = true
	if !g.notInt {
		_, err := strconv.ParseInt(cell, 10, 64)
		g.notInt = err != nil
	}
	if g.notInt && !g.notFloat {
		_, err := parseFloat(cell, 64)
		g.notFloat = err == errNotNumber
	}
	if !g.notFlags {
		_, err := g.words.parse(cell)
		g.notFlags = err != nil
	}
}

func (g *guess) typ() Type {
	switch {
	case !g.some:
		return String
	case !g.notInt && !g.empty:
		return Int64
	case !g.notFloat:
		return Float64 // also integers with missing values
	case !g.notFlags && !g.empty:
		return Bool
	}
	return String
}
