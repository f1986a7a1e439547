package flowtable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A Layout says which columns a table has beside those that every table has: timestamp,
// destination_port, protocol and label.
type Layout struct {
	Numbers []string // names of columns of numbers
	Texts   []string // names of columns of text, such as addresses
}

// Options says how a table is written.
type Options struct {
	Sort     bool         // order the rows by time
	Missing  table.Policy // for missing values, NaN; Skip is the reader's task and refuses them here
	Infinite table.Policy // for infinities, likewise
}

// A Writer writes a table of any size within bounded memory. It packs batches into a temporary file
// beside the table, and when all of them were appended it knows the smallest type that holds each
// column, and the order of the rows, and writes the table.
//
//	w, err := flowtable.NewWriter(path, layout, options)
//	defer w.Close()
//	for … { err = w.Append(&batch) }
//	flows, err := w.Finish(ctx, flowtable.Made{By: "my reader"})
type Writer struct {
	dst    string
	layout Layout
	o      Options
	spill  *spill
	texts  []dictionary // of the columns of text and, last, the labels
	labels []int64      // how many rows have each label
	rows   int64
}

// A dictionary has the texts of a column with their codes.
type dictionary struct {
	values []string
	code   map[string]uint32
}

// MaxLabels is the largest number of labels in a table: a column with more of them holds no labels.
const MaxLabels = 1 << 12

// ErrLabels is the error of Append for rows of more than MaxLabels different labels.
var ErrLabels = fmt.Errorf("column %q: more than %d different labels", Label, MaxLabels)

// NewWriter starts a table at dst. Nothing is there before Finish.
func NewWriter(dst string, layout Layout, o Options) (*Writer, error) {
	if o.Missing == table.Clip {
		return nil, errors.New("missing values cannot be clipped: want fail, skip, keep or fill")
	}
	s, err := newSpill(dst, len(layout.Numbers))
	if err != nil {
		return nil, err
	}
	w := &Writer{dst: dst, layout: layout, o: o, spill: s, texts: make([]dictionary, len(layout.Texts)+1)}
	for i := range w.texts {
		w.texts[i].code = map[string]uint32{}
	}
	return w, nil
}

// Pack prepares a batch for Append. It may run in several goroutines, each with its own batch, and
// so spreads most of the work over the cores.
func (w *Writer) Pack(b *Batch) { b.pack(w.o.Sort) }

// Append adds the rows of a packed batch. It must not run in several goroutines at once.
func (w *Writer) Append(b *Batch) error {
	c := b.chunk
	c.codes = make([][]uint32, len(w.texts))
	for i := range w.texts {
		d := &w.texts[i]
		isLabel := i == len(w.texts)-1
		for k, text := range b.Texts[i].Values {
			code, ok := d.code[text]
			if !ok {
				if isLabel && len(d.values) == MaxLabels {
					return ErrLabels
				}
				code = uint32(len(d.values))
				d.code[text] = code
				d.values = append(d.values, text)
			}
			c.codes[i] = append(c.codes[i], code)
			if isLabel {
				if int(code) == len(w.labels) {
					w.labels = append(w.labels, 0)
				}
				w.labels[code] += c.count[k]
			}
		}
	}
	w.rows += int64(c.rows)
	return w.spill.add(c)
}

// Close releases the temporary file. After Finish it does nothing.
func (w *Writer) Close() {
	if w.spill != nil {
		w.spill.close()
		w.spill = nil
	}
}

// Finish writes the table, whole or not at all, and opens it. What it records about the table is
// what made says, with Report.Rows and Report.Cut filled in. Progress goes to the sink in ctx, and
// when ctx is done Finish stops with its error.
func (w *Writer) Finish(ctx context.Context, made Made) (*Table, error) {
	if w.rows == 0 {
		return nil, errors.New("no flows")
	}
	if err := w.spill.open(); err != nil {
		return nil, err
	}
	made.Report.Rows = w.rows
	targets, schema, err := w.targets(made)
	if err != nil {
		return nil, err
	}
	if err := w.write(ctx, targets, schema); err != nil {
		return nil, err
	}
	w.Close()
	return open(w.dst)
}

const (
	fileKind = "flows"            // what the metadata of a file call it
	metaMade = "trafficlab.flows" // key of Made in the metadata
)

// A target is a column of the table while it is written.
type target struct {
	role role
	slot int // among the columns of numbers, or of text
	kind kind
	fix  fix
	dict arrow.Array // of text
	code []int32     // of text: the code in dict of each code of the spill
}

// targets finds the type of each column.
func (w *Writer) targets(made Made) ([]target, *arrow.Schema, error) {
	type named struct {
		name string
		target
	}
	all := []named{
		{Timestamp, target{role: timestamp, kind: i64}}, {DestinationPort, target{role: port, kind: u16}},
		{Protocol, target{role: protocol, kind: u8}},
	}
	for i, name := range w.layout.Numbers {
		s := w.spill.stats[i]
		k, f, err := s.final(w.o.Missing, w.o.Infinite)
		if err != nil {
			return nil, nil, fmt.Errorf("column %q: %w", name, err)
		}
		if k < f32 {
			made.Report.Cut = note(made.Report.Cut, name, s.fractional)
		}
		all = append(all, named{name, target{role: number, slot: i, kind: k, fix: f}})
	}
	for i := range w.texts {
		t, name := named{Label, target{role: text, slot: i}}, Label
		if i < len(w.layout.Texts) {
			name = w.layout.Texts[i]
		}
		t.name = name
		var used []int64
		if name == Label {
			used = w.labels
		}
		t.dict, t.code = w.texts[i].array(used)
		t.kind = i32
		switch n := t.dict.Len(); { // signed, as the Arrow format recommends
		case n <= 1<<7:
			t.kind = i8
		case n <= 1<<15:
			t.kind = i16
		}
		all = append(all, t)
	}
	// The columns stand in the order of Columns, others behind them, and the label last.
	rank := func(name string) int {
		switch r := flowcsv.Rank(name); {
		case name == Label:
			return 1 << 30
		default:
			return r
		}
	}
	slices.SortStableFunc(all, func(a, b named) int { return rank(a.name) - rank(b.name) })
	made.Labels = map[string]int64{}
	for code, n := range w.labels {
		if n > 0 { // else all of its rows were left out
			made.Labels[w.texts[len(w.texts)-1].values[code]] = n
		}
	}
	var targets []target
	var fields []arrow.Field
	for _, t := range all {
		typ := kinds[t.kind].typ
		switch t.role {
		case timestamp:
			typ = &arrow.TimestampType{Unit: arrow.Microsecond}
		case text:
			typ = &arrow.DictionaryType{IndexType: typ, ValueType: t.dict.DataType()}
		}
		targets = append(targets, t.target)
		fields = append(fields, arrow.Field{Name: t.name, Type: typ})
	}
	record, err := json.Marshal(made)
	if err != nil {
		return nil, nil, err
	}
	md := arrowfile.Metadata(fileKind, metaMade, string(record))
	return targets, arrow.NewSchema(fields, &md), nil
}

// array returns the texts in their order, and the place of each code in it. Texts of which used is
// 0 are left out, unless used is nil.
func (d *dictionary) array(used []int64) (arrow.Array, []int32) {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	place := make([]int32, len(d.values))
	for _, v := range slices.Sorted(slices.Values(d.values)) {
		code := d.code[v]
		if used != nil && used[code] == 0 {
			continue
		}
		place[code] = int32(b.Len())
		b.Append(v)
	}
	return b.NewArray(), place
}

func note(m map[string]int, name string, n int) map[string]int {
	if n == 0 {
		return m
	}
	if m == nil {
		m = map[string]int{}
	}
	m[name] = n
	return m
}

// batchRows is the number of rows in a record batch of the file.
const batchRows = 1 << 16

// write writes the file. While one batch of rows is written the next is filled.
func (w *Writer) write(ctx context.Context, targets []target, schema *arrow.Schema) error {
	sink := progress.From(ctx)
	rows := newOrder(w.spill, w.o.Sort)
	return arrowfile.Write(w.dst, schema, func(put func(arrow.RecordBatch) error) error {
		type filled struct {
			r *record
			n int
		}
		free, full := make(chan *record, 2), make(chan filled, 2)
		for range cap(free) {
			free <- newRecord(targets, int(min(batchRows, w.rows)))
		}
		quit := make(chan struct{})
		var filling sync.WaitGroup
		defer filling.Wait()
		defer close(quit)
		filling.Go(func() {
			defer close(full)
			for {
				var r *record
				select {
				case r = <-free:
				case <-quit:
					return
				}
				n := 0
				if r.segments, n = rows.take(r.segments[:0], batchRows); n == 0 {
					return
				}
				r.fill(w.spill, targets)
				for _, g := range r.segments {
					w.spill.taken(g)
				}
				full <- filled{r, n}
			}
		})
		done := int64(0)
		for f := range full {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("stopped after %d of %d rows: %w", done, w.rows, err)
			}
			if err := put(f.r.batch(schema, targets, f.n)); err != nil {
				return err
			}
			free <- f.r
			done += int64(f.n)
			sink.Update(progress.Update{Task: "write", Unit: "row", Done: done, Total: w.rows, Final: done == w.rows})
		}
		return nil
	})
}
