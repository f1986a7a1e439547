package flowtable

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A record is memory for the rows of a record batch, which is used again and again.
type record struct {
	segments []segment
	columns  [][]byte
}

func newRecord(targets []target, rows int) *record {
	r := &record{}
	for _, t := range targets {
		r.columns = append(r.columns, make([]byte, t.kind.size()*rows))
	}
	return r
}

// fill gathers the columns of the segments, each core some of them.
func (r *record) fill(s *spill, targets []target) {
	windows := map[int]*window{}
	at := make([]*window, len(r.segments))
	for i, g := range r.segments {
		if windows[g.chunk] == nil {
			w := s.window(&s.chunks[g.chunk])
			windows[g.chunk] = &w
		}
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
				r.column(s, &targets[k], r.columns[k], at)
			}
		})
	}
	filling.Wait()
}

func (r *record) column(s *spill, t *target, dst []byte, at []*window) {
	row := 0
	for i, g := range r.segments {
		w, c, to := at[i], &s.chunks[g.chunk], g.from+g.n
		switch t.role {
		case number:
			d, from := dst[row*t.kind.size():], c.kinds[t.slot]
			if from == constant {
				kinds[t.kind].fill(d, g.n, c.value[t.slot])
				break
			}
			a := from.size()
			kinds[t.kind].gather[from](d, w.numbers[t.slot][g.from*a:to*a], t.fix)
		case timestamp:
			copy(view[int64](dst)[row:], w.times[g.from:to])
		case port:
			copy(view[uint16](dst)[row:], w.ports[g.from:to])
		case protocol:
			copy(dst[row:], w.protocols[g.from:to])
		case text:
			codes, local := w.texts[t.slot][g.from:to], c.codes[t.slot]
			switch t.kind {
			case i8:
				translate(view[int8](dst)[row:], codes, local, t.code)
			case i16:
				translate(view[int16](dst)[row:], codes, local, t.code)
			default:
				translate(view[int32](dst)[row:], codes, local, t.code)
			}
		}
		row += g.n
	}
}

// translate turns codes of a batch into those of the table.
func translate[T int8 | int16 | int32](dst []T, codes, local []uint32, final []int32) {
	for i, c := range codes {
		dst[i] = T(final[local[c]])
	}
}

// batch returns the first rows as Arrow has them.
func (r *record) batch(schema *arrow.Schema, targets []target, rows int) arrow.RecordBatch {
	arrays := make([]arrow.Array, len(targets))
	for i, t := range targets {
		typ := schema.Field(i).Type
		buffers := []*memory.Buffer{nil, memory.NewBufferBytes(r.columns[i][:rows*t.kind.size()])}
		if t.dict == nil {
			arrays[i] = array.MakeFromData(array.NewData(typ, rows, buffers, nil, 0, 0))
			continue
		}
		codes := array.MakeFromData(array.NewData(kinds[t.kind].typ, rows, buffers, nil, 0, 0))
		arrays[i] = array.NewDictionaryArray(typ, codes, t.dict)
	}
	return array.NewRecordBatch(schema, arrays, int64(rows))
}
