package flowtable

import (
	"slices"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// Sequences encodes the windows, each as a sequence with its part, its label, the time of its first
// flow, and as its origin the row of that flow in the table.
func (w *Windows) Sequences(e *encode.TableEncoder) (*seq.Set, error) {
	rows, err := e.Encode(w)
	if err != nil {
		return nil, err
	}
	about := make([]seq.About, w.Len())
	for i := range about {
		first := int(w.Rows(i)[0])
		about[i] = seq.About{Label: w.Label(i), Origin: first, Start: w.table.Times(first, first+1)[0]}
		if w.part != nil {
			about[i].Part = w.parts[w.part[i]]
		}
	}
	recipe := seq.NewRecipe("flowtable", 1, w.rules)
	return seq.FixedLength(e.Features(), w.Length, rows).WithAbout(about...).
		WithLineage(seq.Lineage{Names: e.Names(), Recipe: &recipe, Encoder: e}), nil
}

// A gathering is the flows of windows in the order in which they stand in the file, so that each
// page of it is read once.
type gathering struct {
	once sync.Once
	rows []uint32 // window after window
	by   []uint32 // places in rows, by row
}

func (w *Windows) gathered() *gathering {
	g := w.gather
	g.once.Do(func() {
		g.rows = make([]uint32, 0, w.Len()*w.Length)
		for i := range w.starts {
			g.rows = append(g.rows, w.Rows(i)...)
		}
		g.by = make([]uint32, len(g.rows))
		for i := range g.by {
			g.by[i] = uint32(i)
		}
		slices.SortFunc(g.by, func(a, b uint32) int { return int(int64(g.rows[a]) - int64(g.rows[b])) })
	})
	return g
}

// NumRows returns the number of flows in all windows.
func (w *Windows) NumRows() int { return w.Len() * w.Length }

// Names returns the names of the columns of the table.
func (w *Windows) Names() []string { return w.table.Names() }

// Has reports whether the table has a column.
func (w *Windows) Has(name string) bool { return w.table.Has(name) }

// Text reports whether a column is text. It panics if there is no such column.
func (w *Windows) Text(name string) bool { return w.table.Text(name) }

// Float64s returns the values of a column of numbers, window after window: Len times Length of
// them.
func (w *Windows) Float64s(name string) []float64 {
	c := w.table.column(name)
	all := make([]float64, w.NumRows())
	w.batches(func(from, to int, places []uint32, rows []uint32) {
		v := w.table.float64s(c, from, to)
		for _, p := range places {
			all[p] = v[int(rows[p])-from]
		}
	})
	return all
}

// Strings returns the values of a column as text, window after window.
func (w *Windows) Strings(name string) []string {
	all := make([]string, w.NumRows())
	w.batches(func(from, to int, places []uint32, rows []uint32) {
		v := w.table.Rows(from, to, name).Strings(name)
		for _, p := range places {
			all[p] = v[int(rows[p])-from]
		}
	})
	return all
}

// batches passes on the record batches that have flows of the windows, with the places of these.
func (w *Windows) batches(do func(from, to int, places []uint32, rows []uint32)) {
	g := w.gathered()
	for at := 0; at < len(g.by); {
		row := int(g.rows[g.by[at]])
		b, exact := slices.BinarySearch(w.table.starts, row)
		if !exact {
			b--
		}
		for w.table.starts[b+1] <= row { // an empty batch
			b++
		}
		from, to := w.table.starts[b], w.table.starts[b+1]
		end := at
		for end < len(g.by) && int(g.rows[g.by[end]]) < to {
			end++
		}
		do(from, to, g.by[at:end], g.rows)
		at = end
	}
}
