package table

import (
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// types has the Arrow types that Save writes.
var types = map[Type]arrow.DataType{
	Float64: arrow.PrimitiveTypes.Float64,
	Float32: arrow.PrimitiveTypes.Float32,
	Int64:   arrow.PrimitiveTypes.Int64,
	String:  arrow.BinaryTypes.LargeString, // with offsets of 64 bits, since a column may exceed 2 GB
	Bool:    arrow.FixedWidthTypes.Boolean,
	Time:    &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
}

// batchRows is how many rows are written at a time: saving a large table takes little more memory.
const batchRows = 1 << 18

// Save writes the table to an Arrow IPC file, whole or not at all. Times are cut to microseconds. A
// table without columns is an error.
func (t *Table) Save(path string) error {
	if len(t.columns) == 0 {
		return fmt.Errorf("table: %s: a table without columns cannot be saved", path)
	}
	fields := make([]arrow.Field, len(t.columns))
	for i, c := range t.columns {
		fields[i] = arrow.Field{Name: c.name, Type: types[c.Type()]}
	}
	md := arrowfile.Metadata("table")
	schema := arrow.NewSchema(fields, &md)
	err := arrowfile.Write(path, schema, func(put func(arrow.RecordBatch) error) error {
		for from := 0; from < t.rows; from += batchRows {
			part := t.slice(from, min(from+batchRows, t.rows))
			arrays := make([]arrow.Array, len(fields))
			for i, c := range part.columns {
				arrays[i] = c.array()
			}
			if err := put(array.NewRecordBatch(schema, arrays, int64(part.rows))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	return nil
}

// array returns the column as Arrow has it. Numbers are not copied.
func (c Column) array() arrow.Array {
	plain := func(b *memory.Buffer) arrow.Array {
		return array.MakeFromData(array.NewData(types[c.Type()], c.Len(), []*memory.Buffer{nil, b}, nil, 0, 0))
	}
	switch v := c.values.(type) {
	case []float64:
		return plain(arrowfile.Buffer(v))
	case []float32:
		return plain(arrowfile.Buffer(v))
	case []int64:
		return plain(arrowfile.Buffer(v))
	case []time.Time:
		return plain(arrowfile.Buffer(convert(v, time.Time.UnixMicro)))
	case []bool:
		b := array.NewBooleanBuilder(memory.DefaultAllocator)
		b.AppendValues(v, nil)
		return b.NewArray()
	case []string:
		b := array.NewLargeStringBuilder(memory.DefaultAllocator)
		b.AppendValues(v, nil)
		return b.NewArray()
	}
	panic("table: a column of no type")
}

// Open reads a table that Save wrote, or any Arrow IPC file with columns of numbers, booleans, text
// and timestamps, maybe compressed by LZ4 or Zstandard. Integers of other widths become Int64, or
// Float64 if values are missing; missing floats become NaN, and missing text "". Everything is
// copied into memory. A file that is cut short, was changed, or holds other types is an error of
// one line.
func Open(path string) (*Table, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	defer file.Close()
	var t *Table
	err = file.Read(func(data []byte) (err error) {
		if t, err = read(data); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return t, nil
}

func read(data []byte) (*Table, error) {
	contents, err := arrowfile.Read(data)
	if err != nil {
		return nil, err
	}
	t := &Table{}
	if len(contents.Schema.Fields()) == 0 {
		return nil, fmt.Errorf("no columns")
	}
	for i, field := range contents.Schema.Fields() {
		if slices.Contains(t.Names(), field.Name) {
			return nil, fmt.Errorf("two columns %q", field.Name)
		}
		c, err := readColumn(field, contents.Batches, i)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", field.Name, err)
		}
		if i > 0 && c.Len() != t.rows {
			return nil, fmt.Errorf("column %q has %d rows, others have %d", field.Name, c.Len(), t.rows)
		}
		t.columns, t.rows = append(t.columns, c), c.Len()
	}
	return t, nil
}
