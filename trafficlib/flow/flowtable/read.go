package flowtable

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// read finds the columns of the Arrow file in data, and trusts no length or offset in it.
func (t *Table) read(data []byte) error {
	c, err := arrowfile.Read(data)
	if err != nil {
		return err
	}
	if got := c.Meta["trafficlab.kind"]; got != fileKind {
		return fmt.Errorf("it holds %q, want %q", got, fileKind)
	}
	if err := json.Unmarshal([]byte(c.Meta[metaMade]), &t.made); err != nil {
		return fmt.Errorf("its record of how it was made: %w", err)
	}
	t.starts = []int{0}
	for _, b := range c.Batches {
		if b.NumRows() < 0 {
			return fmt.Errorf("a batch of %d rows", b.NumRows())
		}
		t.rows += int(b.NumRows())
		t.starts = append(t.starts, t.rows)
	}
	for i, field := range c.Schema.Fields() {
		if err := t.readColumn(field, c.Batches, i); err != nil {
			return fmt.Errorf("column %q: %w", field.Name, err)
		}
	}
	for _, want := range []struct {
		name string
		role role
	}{{Timestamp, timestamp}, {DestinationPort, port}, {Protocol, protocol}, {Label, text}} {
		if c := t.find(want.name); c == nil || c.role != want.role {
			return fmt.Errorf("no column %q, or one of another type", want.name)
		}
	}
	return nil
}

func (t *Table) readColumn(field arrow.Field, batches []arrow.RecordBatch, i int) error {
	if t.find(field.Name) != nil {
		return errors.New("it is there twice")
	}
	col := column{name: field.Name}
	stored := field.Type
	switch typ := field.Type.(type) {
	case *arrow.DictionaryType:
		stored, col.role = typ.IndexType, text
	case *arrow.TimestampType:
		if typ.Unit != arrow.Microsecond {
			return fmt.Errorf("its type is %v", typ)
		}
		stored, col.role = arrow.PrimitiveTypes.Int64, timestamp
	}
	k := slices.IndexFunc(kinds[:], func(k struct {
		typ  arrow.DataType
		size int
		ops
	}) bool {
		return arrow.TypeEqual(k.typ, stored)
	})
	if k < 0 || col.role == text && kind(k) != i8 && kind(k) != i16 && kind(k) != i32 {
		return fmt.Errorf("its type is %s", arrowfile.TypeText(field.Type))
	}
	col.kind = kind(k)
	switch {
	case col.name == DestinationPort && col.kind == u16:
		col.role = port
	case col.name == Protocol && col.kind == u8:
		col.role = protocol
	}
	size := col.kind.size()
	for n, b := range batches {
		d := b.Column(i).Data()
		rows := t.starts[n+1] - t.starts[n]
		short := len(d.Buffers()) < 2 || d.Buffers()[1] == nil || d.Buffers()[1].Len() < rows*size
		if d.Offset() != 0 || d.Len() != rows || d.NullN() != 0 || short {
			return fmt.Errorf("batch %d: not %d values", n, rows)
		}
		part := d.Buffers()[1].Bytes()[:rows*size]
		if rows > 0 && uintptr(unsafe.Pointer(unsafe.SliceData(part)))%uintptr(size) != 0 {
			return fmt.Errorf("batch %d: its values are not aligned", n)
		}
		col.parts = append(col.parts, part)
	}
	if col.role == text && len(batches) > 0 {
		dict, ok := batches[0].Column(i).(*array.Dictionary)
		if !ok {
			return errors.New("no dictionary")
		}
		// Its data and not the array: arrow-go panics when it makes one of damaged data.
		if err := col.dictionary(dict.Data().Dictionary()); err != nil {
			return err
		}
	}
	t.columns = append(t.columns, col)
	return nil
}

// dictionary copies the values of a dictionary.
func (c *column) dictionary(d arrow.ArrayData) error {
	if d.DataType().ID() != arrow.STRING {
		return fmt.Errorf("a dictionary of %s", arrowfile.TypeText(d.DataType()))
	}
	if d.Offset() != 0 || d.NullN() != 0 || d.Len() < 0 || len(d.Buffers()) < 3 {
		return errors.New("a dictionary with missing values")
	}
	offsets, ok := arrowfile.Numbers[int32](d.Buffers()[1], d.Len()+1)
	if !ok {
		return errors.New("a dictionary of more values than the file holds")
	}
	var all []byte
	if b := d.Buffers()[2]; b != nil {
		all = b.Bytes()
	}
	for i := range d.Len() {
		from, to := int(offsets[i]), int(offsets[i+1])
		if from < 0 || from > to || to > len(all) {
			return fmt.Errorf("text %d of its dictionary from %d to %d of %d bytes", i, from, to, len(all))
		}
		c.texts = append(c.texts, strings.ToValidUTF8(string(all[from:to]), "\ufffd"))
	}
	return nil
}
