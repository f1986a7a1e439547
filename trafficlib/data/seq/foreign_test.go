package seq

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// foreign writes a file as another program would: two sequences in a list column, and other
// columns.
func foreign(t *testing.T, list string, others ...arrow.Field) (path string) {
	t.Helper()
	b := array.NewListBuilder(memory.DefaultAllocator, arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Float32))
	for _, rows := range [][]float32{{1, 2, 3, 4}, {5, 6}} {
		b.Append(true)
		row := b.ValueBuilder().(*array.FixedSizeListBuilder)
		for at := 0; at < len(rows); at += 2 {
			row.Append(true)
			row.ValueBuilder().(*array.Float32Builder).AppendValues(rows[at:at+2], nil)
		}
	}
	fields, columns := []arrow.Field{{Name: list, Type: b.Type()}}, []arrow.Array{b.NewArray()}
	for _, f := range others {
		c := array.NewBuilder(memory.DefaultAllocator, f.Type)
		for i := range 2 {
			switch c := c.(type) {
			case *array.LargeStringBuilder:
				c.Append([]string{"train", "test"}[i])
			case *array.Int64Builder:
				c.Append(int64(7 + i))
			case *array.TimestampBuilder:
				c.AppendNull()
			default:
				c.AppendNull()
			}
		}
		fields, columns = append(fields, f), append(columns, c.NewArray())
	}
	path = filepath.Join(t.TempDir(), "x.arrow")
	schema := arrow.NewSchema(fields, nil)
	err := arrowfile.Write(path, schema, func(put func(arrow.RecordBatch) error) error {
		return put(array.NewRecordBatch(schema, columns, 2))
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that contains only sequences opens whatever their column is called, and so does one with
// other columns.
func TestOpenForeign(t *testing.T) {
	want := New(2, []float32{1, 2, 3, 4}, []float32{5, 6})
	set, err := Open(foreign(t, "rows", arrow.Field{Name: "weight", Type: arrow.PrimitiveTypes.Float64, Nullable: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	same(t, set, want)
	if set.Parts() != nil || set.Labels() != nil || set.Encoder() != nil || set.Recipe() != nil || set.Names()[1] != "f1" {
		t.Errorf("it says parts %q, labels %q, names %q", set.Parts(), set.Labels(), set.Names())
	}
	set, err = Open(foreign(t, "rows", arrow.Field{Name: "part", Type: arrow.BinaryTypes.LargeString},
		arrow.Field{Name: "origin", Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: "start", Type: &arrow.TimestampType{Unit: arrow.Nanosecond}, Nullable: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	same(t, set, want.WithParts("train", "test").WithOrigins(7, 8))
	if got := set.Parts(); !slices.Equal(got, []string{"train", "test"}) {
		t.Errorf("parts %q", got)
	}
	for want, f := range map[string]arrow.Field{
		`column "part" is int64, want utf8`: {Name: "part", Type: arrow.PrimitiveTypes.Int64},
		`column "start" is timestamp[ms], want timestamp[ns]`: {Name: "start",
			Type: &arrow.TimestampType{Unit: arrow.Millisecond}, Nullable: true},
	} {
		path := foreign(t, "rows", f)
		if _, err := Open(path); err == nil || err.Error() != "seq: "+path+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Blocks and single sequences may be mixed, and keep their order.
func TestWriteBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.arrow")
	err := Write(path, Header{Features: 1}, func(w *Writer) error {
		if err := w.Add([]float32{1}, About{Part: "train"}); err != nil {
			return err
		}
		b := NewBlock(1, 4)
		for i := range 2 {
			b.Values = append(b.Values, float32(2+i), 9)
			b.End(About{Part: "test", Origin: 4 + i})
		}
		if err := w.AddBlock(b); err != nil {
			return err
		}
		b.Clear()
		b.Values = append(b.Values, -1)
		return w.Add([]float32{4, 5, 6}, About{Label: "scan"})
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	want := New(1, []float32{1}, []float32{2, 9}, []float32{3, 9}, []float32{4, 5, 6}).WithAbout(
		About{Part: "train"}, About{Part: "test", Origin: 4}, About{Part: "test", Origin: 5}, About{Label: "scan"})
	same(t, set, want)
	for want, h := range map[string]Header{
		"sequences of 0 features": {},
		"3 names for 2 features":  {Features: 2, Lineage: Lineage{Names: []string{"a", "b", "c"}}},
	} {
		if err := Write(path, h, nil); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
