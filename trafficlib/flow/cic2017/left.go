package cic2017

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
)

// leftOut counts what Read left out.
type leftOut struct {
	unlabeled, headers, blank int
	odd                       []string // files, and why
}

func (l leftOut) plus(o leftOut) leftOut {
	return leftOut{l.unlabeled + o.unlabeled, l.headers + o.headers, l.blank + o.blank, slices.Concat(l.odd, o.odd)}
}

// Notice says in one line what was left out when the flows were read, "" for nothing.
func (f *Flows) Notice() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{f.left.unlabeled, "rows without a label"}, {f.left.headers, "repeated headers"}, {f.left.blank, "rows without a value"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if n := len(f.left.odd); n > 0 {
		parts = append(parts, fmt.Sprintf("%d files: %s", n, strings.Join(f.left.odd, "; ")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "left out: " + strings.Join(parts, ", ")
}

// labeled returns the flows that have a label; the others are counted.
func (f *Flows) labeled() *Flows {
	k := slices.Index(f.names, Label)
	if k < 0 {
		return f
	}
	var keep []int
	for i, values := range f.cells[k] {
		if len(values) == 1 && flowcsv.NoLabel(values[0]) || len(values) == 0 {
			continue
		}
		keep = append(keep, i)
	}
	if len(keep) == f.rows {
		return f
	}
	g := &Flows{names: f.names, rows: len(keep), left: f.left}
	g.left.unlabeled += f.rows - len(keep)
	for _, cells := range f.cells {
		some := make([][]string, len(keep))
		for i, at := range keep {
			some[i] = cells[at]
		}
		g.cells = append(g.cells, some)
	}
	return g
}

// Known returns those of names that a table has a column of, of Features those of numbers.
func Known(t *table.Table, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !t.Has(name) || !slices.Contains(texts, name) && slices.Contains(Columns, name) && t.Text(name)
	})
}
