package cic2018

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// made is what a file says about how it came to be.
type made struct {
	Sources []Source         `json:"sources"`
	Options string           `json:"options"`
	Report  Report           `json:"report"`
	Labels  map[string]int64 `json:"labels"` // how many rows have each
}

const (
	kindOfFile = "flows"
	metaMade   = "trafficlab.flows"
	// version grows when the same sources and options give another table.
	version = 2
)

// record is the options as a file keeps them.
func (o Options) record() string {
	since := ""
	if !o.Since.IsZero() {
		since = o.Since.UTC().Format("2006-01-02T15:04:05.999999")
	}
	return fmt.Sprintf("v%d sort=%v since=%s missing=%v infinite=%v skipbad=%v afternoon=%v attempted=%v",
		version, o.Sort, since, o.Missing, o.Infinite, o.SkipBad, o.Afternoon, o.Attempted)
}

// batchRows is how many rows stand together in a file.
const batchRows = 1 << 16

// A target is a column of the table while it is written.
type target struct {
	role role
	slot int // of numbers
	kind kind
	fix  fix
	dict arrow.Array // of dictionaries
	code []int32     // and the code of each value
}

// write makes the table of the chunks.
func (l *loading) write(dst string) error {
	if err := l.spill.open(); err != nil {
		return err
	}
	targets, schema, err := l.targets()
	if err != nil {
		return err
	}
	sink := progress.From(l.ctx)
	rows := newOrder(l.spill, l.o.Sort)
	return arrowfile.Write(dst, schema, func(put func(arrow.RecordBatch) error) error {
		// While one batch is written the next is filled.
		type filled struct {
			b *batch
			n int
		}
		free, full := make(chan *batch, 2), make(chan filled, 2)
		for range cap(free) {
			free <- newBatch(targets, int(min(batchRows, l.report.Rows)))
		}
		quit := make(chan struct{})
		var filling sync.WaitGroup
		defer filling.Wait()
		defer close(quit)
		filling.Go(func() {
			defer close(full)
			for {
				var b *batch
				select {
				case b = <-free:
				case <-quit:
					return
				}
				n := 0
				if b.segments, n = rows.take(b.segments[:0], batchRows); n == 0 {
					return
				}
				b.fill(l.spill, targets)
				for _, g := range b.segments {
					l.spill.taken(g)
				}
				full <- filled{b, n}
			}
		})
		done := int64(0)
		for f := range full {
			if err := l.ctx.Err(); err != nil {
				return fmt.Errorf("stopped after %d of %d rows: %w", done, l.report.Rows, err)
			}
			if err := put(f.b.record(schema, targets, f.n)); err != nil {
				return err
			}
			free <- f.b
			done += int64(f.n)
			sink.Update(progress.Update{Task: "write", Unit: "row", Done: done, Total: l.report.Rows, Final: done == l.report.Rows})
		}
		return nil
	})
}

// targets finds how each column is held.
func (l *loading) targets() ([]target, *arrow.Schema, error) {
	r := &l.report
	r.MissingPolicy, r.InfinitePolicy = l.o.Missing, l.o.Infinite
	r.Twelve = l.hours.twelve()
	for _, f := range r.Files {
		r.Repaired = r.Repaired || f.Moved > 0
	}
	m := made{Sources: l.sources, Options: l.o.record(), Labels: map[string]int64{}}
	var targets []target
	var fields []arrow.Field
	for i, name := range l.plan.names {
		t := target{role: l.plan.order[i], slot: l.plan.slots[i]}
		var typ arrow.DataType
		switch t.role {
		case number:
			s := l.spill.stats[t.slot]
			var err error
			if t.kind, t.fix, err = s.final(l.o); err != nil {
				return nil, nil, fmt.Errorf("column %q: %w", name, err)
			}
			typ = kinds[t.kind].typ
			note(&r.Missing, name, l.missing[t.slot])
			note(&r.Infinite, name, l.inf[t.slot])
			if t.kind < f32 {
				note(&r.Cut, name, s.fractional)
			}
		case timestamp:
			typ = &arrow.TimestampType{Unit: arrow.Microsecond}
		case port:
			b := array.NewUint16Builder(memory.DefaultAllocator)
			for v, there := range l.ports {
				t.code = append(t.code, int32(b.Len()))
				if there {
					b.Append(uint16(v))
				}
			}
			t.dict = b.NewArray()
		case protocol:
			b := array.NewUint8Builder(memory.DefaultAllocator)
			for v, there := range l.protos {
				t.code = append(t.code, int32(b.Len()))
				if there {
					b.Append(uint8(v))
				}
			}
			t.dict = b.NewArray()
		case label:
			b := array.NewStringBuilder(memory.DefaultAllocator)
			t.code = make([]int32, len(l.names))
			for _, name := range slices.Sorted(slices.Values(l.names)) {
				code := l.codes[name]
				if l.count[code] == 0 { // of rows that were all left out
					continue
				}
				m.Labels[name] = l.count[code]
				t.code[code] = int32(b.Len())
				b.Append(name)
			}
			t.dict = b.NewArray()
		}
		if t.dict != nil {
			t.kind = i32
			switch n := t.dict.Len(); { // signed ones, as the Arrow format asks for
			case n <= 1<<7:
				t.kind = i8
			case n <= 1<<15:
				t.kind = i16
			}
			typ = &arrow.DictionaryType{IndexType: kinds[t.kind].typ, ValueType: t.dict.DataType()}
		}
		targets = append(targets, t)
		fields = append(fields, arrow.Field{Name: name, Type: typ})
	}
	m.Report = *r
	text, err := json.Marshal(m)
	if err != nil {
		return nil, nil, err
	}
	md := arrowfile.Metadata(kindOfFile, metaMade, string(text))
	return targets, arrow.NewSchema(fields, &md), nil
}

func note(m *map[string]int, name string, n int) {
	if n == 0 {
		return
	}
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name] = n
}

// A batch is memory for rows, used again and again.
type batch struct {
	segments []segment
	columns  [][]byte
}

func newBatch(targets []target, rows int) *batch {
	b := &batch{}
	for _, t := range targets {
		size := t.kind.size()
		if t.role == timestamp {
			size = 8
		}
		b.columns = append(b.columns, view[byte](make([]byte, size*rows)))
	}
	return b
}

// fill gathers the columns of the segments, each core some of them.
func (b *batch) fill(s *spill, targets []target) {
	windows := map[int]*window{}
	for _, g := range b.segments {
		if windows[g.chunk] == nil {
			w := s.window(&s.chunks[g.chunk])
			windows[g.chunk] = &w
		}
	}
	at := make([]*window, len(b.segments))
	for i, g := range b.segments {
		at[i] = windows[g.chunk]
	}
	var next atomic.Int64
	var filling sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(targets)) {
		filling.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= len(targets) {
					return
				}
				b.column(s, &targets[k], b.columns[k], at)
			}
		})
	}
	filling.Wait()
}

func (b *batch) column(s *spill, t *target, dst []byte, at []*window) {
	row := 0
	for i, g := range b.segments {
		w, to := at[i], g.from+g.n
		switch t.role {
		case number:
			c := &s.chunks[g.chunk]
			from := c.kinds[t.slot]
			a, z := from.size(), t.kind.size()
			if from == one {
				fill(dst[row*z:], t.kind, g.n, c.value[t.slot])
				break
			}
			gather(dst[row*z:], t.kind, w.numbers[t.slot][g.from*a:to*a], from, t.fix)
		case timestamp:
			copy(view[int64](dst)[row:], w.times[g.from:to])
		case port:
			encode(dst, t.kind, row, w.ports[g.from:to], t.code, nil)
		case protocol:
			encode(dst, t.kind, row, w.protos[g.from:to], t.code, nil)
		case label:
			encode(dst, t.kind, row, w.codes[g.from:to], t.code, s.chunks[g.chunk].labels)
		}
		row += g.n
	}
}

// encode puts the codes of values into dst from a row on. first, unless it is nil, is what the values are looked up in
// before.
func encode[T uint8 | uint16](dst []byte, k kind, row int, v []T, code []int32, first []uint16) {
	look := func(x T) int32 {
		if first != nil {
			return code[first[x]]
		}
		return code[x]
	}
	switch k {
	case i8:
		d := view[int8](dst)[row:]
		for i, x := range v {
			d[i] = int8(look(x))
		}
	case i16:
		d := view[int16](dst)[row:]
		for i, x := range v {
			d[i] = int16(look(x))
		}
	default:
		d := view[int32](dst)[row:]
		for i, x := range v {
			d[i] = look(x)
		}
	}
}

// record gives the first rows of the batch as Arrow has them.
func (b *batch) record(schema *arrow.Schema, targets []target, rows int) arrow.RecordBatch {
	arrays := make([]arrow.Array, len(targets))
	for i, t := range targets {
		size := t.kind.size()
		if t.role == timestamp {
			size = 8
		}
		buffers := []*memory.Buffer{nil, memory.NewBufferBytes(b.columns[i][:rows*size])}
		if t.dict == nil {
			arrays[i] = array.MakeFromData(array.NewData(schema.Field(i).Type, rows, buffers, nil, 0, 0))
			continue
		}
		codes := array.MakeFromData(array.NewData(kinds[t.kind].typ, rows, buffers, nil, 0, 0))
		arrays[i] = array.NewDictionaryArray(schema.Field(i).Type, codes, t.dict)
	}
	return array.NewRecordBatch(schema, arrays, int64(rows))
}
