package seq

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A sequence file is an Arrow IPC file with one column, list<fixed_size_list<float32>[features]> without nulls: a row
// for each sequence. Its batches hold about batchValues numbers each, or one sequence if that alone is longer, so that
// it is written and read piece by piece.
const (
	column      = "sequence"
	batchValues = 1 << 20 // 4 MB
)

// Open maps a sequence file. Sequences are parts of the map, so opening takes no time to speak of and memory only for
// 24 bytes a sequence; batches that another program compressed are unpacked into memory. A file that is cut short, was
// changed, or holds anything else is an error, one line. Close gives the map back.
//
// While a set is open its file may be replaced, as Save and Convert do, but not be written to: a program that reads
// what was cut off is ended by the operating system.
func Open(path string) (*Set, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("seq: %w", err)
	}
	var set *Set
	err = file.Read(func(data []byte) (err error) {
		set, err = read(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("seq: %w", err)
	}
	set.file = file
	return set, nil
}

// read makes a set of the Arrow file in data.
func read(data []byte) (*Set, error) {
	c, err := arrowfile.Read(data)
	if err != nil {
		return nil, err
	}
	features, err := width(c.Schema)
	if err != nil {
		return nil, err
	}
	var rows [][]float32
	for b, batch := range c.Batches {
		if rows, err = appendBatch(rows, batch.Column(0).Data(), features); err != nil {
			return nil, fmt.Errorf("batch %d: %w", b, err)
		}
	}
	set := newSet(features, rows)
	set.meta = c.Meta
	return set, nil
}

// width gives the number of features that the schema of a sequence file states.
func width(schema *arrow.Schema) (int, error) {
	if schema.NumFields() == 1 {
		if list, ok := schema.Field(0).Type.(*arrow.ListType); ok {
			if row, ok := list.Elem().(*arrow.FixedSizeListType); ok && row.Elem().ID() == arrow.FLOAT32 && row.Len() > 0 {
				return int(row.Len()), nil
			}
		}
	}
	names := make([]string, 0, 4)
	for i, f := range schema.Fields() {
		if i == 4 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%.40q %s", f.Name, arrowfile.TypeText(f.Type)))
	}
	return 0, fmt.Errorf("no sequence file: its columns are %v, want one list<fixed_size_list<float32>>", names)
}

// appendBatch appends the sequences of a batch. It looks at the buffers themselves, and trusts no length or offset in
// the file: each must lie in what the next level down really holds.
func appendBatch(rows [][]float32, list arrow.ArrayData, features int) ([][]float32, error) {
	steps := list.Children()[0]
	numbers := steps.Children()[0]
	for _, level := range []arrow.ArrayData{list, steps, numbers} {
		if level.NullN() != 0 {
			return nil, fmt.Errorf("%d values are missing", level.NullN())
		}
		if level.Offset() != 0 {
			return nil, fmt.Errorf("an offset of %d", level.Offset())
		}
	}
	n := list.Len()
	if n == 0 {
		return rows, nil
	}
	values, enough := arrowfile.Numbers[float32](numbers.Buffers()[1], numbers.Len())
	offsets, all := arrowfile.Numbers[int32](list.Buffers()[1], n+1)
	if !enough || !all {
		return nil, fmt.Errorf("%d sequences with %d values, more than the file holds", n, numbers.Len())
	}
	have := min(int64(len(values)/features), int64(steps.Len()))
	for i := range n {
		from, to := int64(offsets[i]), int64(offsets[i+1])
		if from < 0 || to < from || to > have {
			return nil, fmt.Errorf("sequence %d: steps %d … %d of %d", i, from, to, have)
		}
		rows = append(rows, values[from*int64(features):to*int64(features):to*int64(features)])
	}
	return rows, nil
}

// Save writes the set, or the view, to a sequence file, whole or not at all. What the file says about its source is
// kept.
func (s *Set) Save(path string) error {
	if s.features == 0 {
		return fmt.Errorf("seq: %s: a set without features can not be saved", path)
	}
	meta := make([]string, 0, 4)
	for _, key := range []string{metaSource, metaSHA256} {
		if value, ok := s.meta[key]; ok {
			meta = append(meta, key, value)
		}
	}
	schema := newSchema(s.features, meta)
	err := arrowfile.Write(path, schema, func(put func(arrow.RecordBatch) error) error {
		b := newRowBatch(s.features, 0)
		for _, rows := range s.rows {
			b.values = append(b.values, rows...)
			b.end()
			if len(b.values) >= batchValues {
				if err := put(b.record(schema)); err != nil {
					return err
				}
				b.clear()
			}
		}
		if len(b.offsets) == 1 {
			return nil
		}
		return put(b.record(schema))
	})
	if err != nil {
		return fmt.Errorf("seq: %w", err)
	}
	return nil
}

// Close gives the map of a set that was opened back: the sequences of it and of its views are gone. Other sets need no
// Close, and closing twice does no harm.
func (s *Set) Close() error {
	if s.file == nil {
		return nil
	}
	s.rows = nil
	return s.file.Close()
}

func newSchema(features int, meta []string) *arrow.Schema {
	row := arrow.FixedSizeListOfNonNullable(int32(features), arrow.PrimitiveTypes.Float32)
	md := arrowfile.Metadata("sequences", append([]string{"trafficlab.features", fmt.Sprint(features)}, meta...)...)
	return arrow.NewSchema([]arrow.Field{{Name: column, Type: arrow.ListOfNonNullable(row)}}, &md)
}

// A rowBatch gathers the sequences of a batch. Values are appended to it; end ends a sequence.
type rowBatch struct {
	features int
	values   []float32
	offsets  []int32
}

// newRowBatch makes a batch with room for so many values.
func newRowBatch(features, room int) *rowBatch {
	return &rowBatch{features, make([]float32, 0, room), []int32{0}}
}

func (b *rowBatch) end() { b.offsets = append(b.offsets, int32(len(b.values)/b.features)) }

func (b *rowBatch) clear() { b.values, b.offsets = b.values[:0], b.offsets[:1] }

// record gives the batch as Arrow has it. It shares the memory.
func (b *rowBatch) record(schema *arrow.Schema) arrow.RecordBatch {
	n, steps := len(b.offsets)-1, len(b.values)/b.features
	list := schema.Field(0).Type.(*arrow.ListType)
	numbers := array.NewData(arrow.PrimitiveTypes.Float32, len(b.values), []*memory.Buffer{nil, arrowfile.Buffer(b.values)}, nil, 0, 0)
	rows := array.NewData(list.Elem(), steps, []*memory.Buffer{nil}, []arrow.ArrayData{numbers}, 0, 0)
	lists := array.NewData(list, n, []*memory.Buffer{nil, arrowfile.Buffer(b.offsets)}, []arrow.ArrayData{rows}, 0, 0)
	return array.NewRecordBatch(schema, []arrow.Array{array.MakeFromData(lists)}, int64(n))
}
