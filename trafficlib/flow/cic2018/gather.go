package cic2018

import (
	"fmt"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Table copies the flows of the windows, window after window, into a table with the named columns of numbers, ports and
// protocols: Len times Length rows, as encode takes them. It panics for a column that is not there or is no numbers.
func (w *Windows) Table(columns ...string) *table.Table {
	rows := make([]uint32, 0, w.Len()*w.Length)
	for i := range w.starts {
		rows = append(rows, w.Rows(i)...)
	}
	// By place in the file, so that each page of it is looked at once.
	order := make([]uint32, len(rows))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return int(int64(rows[a]) - int64(rows[b])) })
	var all []table.Column
	for _, name := range columns {
		c := w.set.column(name)
		v := make([]float32, len(rows))
		w.set.scatter(c, rows, order, v)
		all = append(all, table.Col(name, v))
	}
	return table.New(all...)
}

// scatter reads the values of a column in rows[order[0]], rows[order[1]] …, which rise, and puts each into dst at its
// place in rows.
func (s *Set) scatter(c *column, rows, order []uint32, dst []float32) {
	for len(order) > 0 {
		row := int(rows[order[0]])
		b, exact := slices.BinarySearch(s.starts, row)
		if !exact {
			b--
		}
		from, to := s.starts[b], s.starts[b+1]
		batch := make([]float32, to-from)
		values(s, c, from, to, batch)
		for len(order) > 0 && int(rows[order[0]]) < to {
			dst[order[0]] = batch[int(rows[order[0]])-from]
			order = order[1:]
		}
	}
}

// A WindowFlow names a flow of a window, for looking at it.
type WindowFlow struct {
	Time  time.Time
	Port  int
	Label string
}

// Flows gives the time, the destination port and the label of each flow of window i.
func (w *Windows) Flows(i int) []WindowFlow {
	labels := w.set.Labels()
	var all []WindowFlow
	for _, row := range w.Rows(i) {
		r := int(row)
		all = append(all, WindowFlow{w.set.Times(r, r+1)[0], int(w.set.Ports(r, r+1)[0]), labels[w.set.Codes(r, r+1)[0]]})
	}
	return all
}

// String tells a flow in a line.
func (f WindowFlow) String() string {
	return fmt.Sprintf("%s port %d: %s", f.Time.Format("2006-01-02 15:04:05"), f.Port, f.Label)
}
