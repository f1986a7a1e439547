package seq

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// Save writes the set, or the view, to a sequence file, whole or not at all.
func (s *Set) Save(path string) error {
	if s.features == 0 {
		return fmt.Errorf("seq: %s: a set without features cannot be saved", path)
	}
	return Write(path, Header{Features: s.features, Lineage: s.Lineage()}, func(w *Writer) error {
		for i, rows := range s.rows {
			if err := w.Add(rows, s.About(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// A Header describes all sequences of a file.
type Header struct {
	Features int
	Lineage  Lineage
	// Sums, unless it is nil, returns the SHA-256 of each source, in hexadecimal. It is called after
	// all sequences are written, so that it may compute them meanwhile.
	Sums func() ([]string, error)
}

// Write writes a sequence file at path, whole or not at all: fill adds the sequences, one after the
// other, and its error is that of Write. Memory holds one batch of about 4 MB, or the longest
// sequence.
func Write(path string, h Header, fill func(w *Writer) error) error {
	if h.Features <= 0 {
		return fmt.Errorf("seq: %s: sequences of %d features", path, h.Features)
	}
	if err := h.Lineage.check(h.Features); err != nil {
		return fmt.Errorf("seq: %s: %w", path, err)
	}
	if len(h.Lineage.Sources) == 0 {
		h.Sums = nil
	}
	stand := ""
	if h.Sums != nil {
		stand = placeholder(len(h.Lineage.Sources))
	}
	schema, err := h.schema(stand)
	if err != nil {
		return fmt.Errorf("seq: %s: %w", path, err)
	}
	var theirs error // of fill and Sums, which name their own package
	all := func(put func(arrow.RecordBatch) error) error {
		w := &Writer{schema: schema, put: put, pending: NewBlock(h.Features, 0)}
		if theirs = fill(w); theirs != nil {
			return theirs
		}
		return w.flush()
	}
	if h.Sums == nil {
		err = arrowfile.Write(path, schema, all)
	} else {
		err = arrowfile.WriteLate(path, schema, stand, all, func() (string, error) {
			var sums []string
			sums, theirs = h.Sums()
			return strings.Join(sums, "\n"), theirs
		})
	}
	if theirs != nil {
		return theirs
	}
	if err != nil {
		return fmt.Errorf("seq: %w", err)
	}
	return nil
}

// placeholder returns what holds the place of n hashes while a file is written: as long, and
// random, so that it is found nowhere else in the file.
func placeholder(n int) string {
	text := make([]byte, max(0, n*(2*sha256.Size+1)-1))
	for at := 0; at < len(text); {
		at += copy(text[at:], rand.Text())
	}
	return string(text)
}

// schema returns the columns and metadata of a sequence file. sums holds the place of
// the hashes of its sources, if they come later.
func (h Header) schema(sums string) (*arrow.Schema, error) {
	pairs := []string{metaFeatures, fmt.Sprint(h.Features)}
	add := func(key string, value any) error {
		text, err := json.Marshal(value)
		pairs = append(pairs, key, string(text))
		return err
	}
	l := h.Lineage
	if l.Names != nil {
		if err := add(metaNames, l.Names); err != nil {
			return nil, err
		}
	}
	if l.Recipe != nil {
		if err := add(metaRecipe, l.Recipe); err != nil {
			return nil, err
		}
	}
	if l.Encoder != nil {
		if err := add(metaEncoder, l.Encoder); err != nil {
			return nil, err
		}
	}
	if len(l.Sources) > 0 {
		var names, known []string
		for _, s := range l.Sources {
			names, known = append(names, s.Name), append(known, s.SHA256)
		}
		if sums == "" {
			sums = strings.Join(known, "\n")
		}
		pairs = append(pairs, metaSource, strings.Join(names, "\n"), metaSHA256, sums)
	}
	row := arrow.FixedSizeListOfNonNullable(int32(h.Features), arrow.PrimitiveTypes.Float32)
	md := arrowfile.Metadata("sequences", pairs...)
	return arrow.NewSchema([]arrow.Field{
		{Name: columnSequence, Type: arrow.ListOfNonNullable(row)},
		{Name: columnPart, Type: arrow.BinaryTypes.String},
		{Name: columnLabel, Type: arrow.BinaryTypes.String},
		{Name: columnOrigin, Type: arrow.PrimitiveTypes.Int64},
		{Name: columnStart, Type: &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}, Nullable: true},
	}, &md), nil
}

// A Writer takes the sequences of a file; see Write.
type Writer struct {
	schema  *arrow.Schema
	put     func(arrow.RecordBatch) error
	pending *Block
}

// Add adds a sequence, row-major, [steps][features], and what is known of it. It copies the rows.
func (w *Writer) Add(rows []float32, about About) error {
	if len(rows)%w.pending.features != 0 {
		return fmt.Errorf("seq: %d values are not whole rows of %d features", len(rows), w.pending.features)
	}
	w.pending.Values = append(w.pending.Values, rows...)
	w.pending.End(about)
	if len(w.pending.Values) >= batchValues {
		return w.flush()
	}
	return nil
}

// AddBlock adds the sequences of a block. When it returns, the block may be cleared and used again.
func (w *Writer) AddBlock(b *Block) error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.put(b.record(w.schema))
}

func (w *Writer) flush() error {
	if len(w.pending.offsets) == 1 {
		return nil
	}
	err := w.put(w.pending.record(w.schema))
	w.pending.Clear()
	return err
}

// A Block is several sequences in a row, for readers that make them on several cores: each fills a
// block of its own, and Writer.AddBlock takes them in order.
type Block struct {
	Values   []float32 // append the rows of a sequence, then call End
	features int
	offsets  []int32
	columns
}

// NewBlock returns an empty block of sequences with so many features, and room for so many values.
func NewBlock(features, room int) *Block {
	return &Block{Values: make([]float32, 0, room), features: features, offsets: []int32{0}}
}

// End ends a sequence: it holds the values that were appended since the last one ended.
func (b *Block) End(about About) {
	b.offsets = append(b.offsets, int32(len(b.Values)/b.features))
	b.parts, b.labels = append(b.parts, about.Part), append(b.labels, about.Label)
	b.origins, b.starts = append(b.origins, about.Origin), append(b.starts, nanos(about.Start))
}

// Clear removes all sequences and keeps the memory.
func (b *Block) Clear() {
	b.Values, b.offsets = b.Values[:0], b.offsets[:1]
	b.parts, b.labels, b.origins, b.starts = b.parts[:0], b.labels[:0], b.origins[:0], b.starts[:0]
}

// record returns the block as Arrow has it. It shares the memory of the rows.
func (b *Block) record(schema *arrow.Schema) arrow.RecordBatch {
	n, steps := len(b.offsets)-1, len(b.Values)/b.features
	list := schema.Field(0).Type.(*arrow.ListType)
	numbers := array.NewData(arrow.PrimitiveTypes.Float32, len(b.Values),
		[]*memory.Buffer{nil, arrowfile.Buffer(b.Values)}, nil, 0, 0)
	rows := array.NewData(list.Elem(), steps, []*memory.Buffer{nil}, []arrow.ArrayData{numbers}, 0, 0)
	lists := array.NewData(list, n, []*memory.Buffer{nil, arrowfile.Buffer(b.offsets)}, []arrow.ArrayData{rows}, 0, 0)
	origins := make([]int64, n)
	for i, o := range b.origins {
		origins[i] = int64(o)
	}
	valid, nulls := bitmap(b.starts)
	starts := slices.Clone(b.starts)
	return array.NewRecordBatch(schema, []arrow.Array{
		array.MakeFromData(lists), texts(b.parts), texts(b.labels),
		array.MakeFromData(array.NewData(arrow.PrimitiveTypes.Int64, n,
			[]*memory.Buffer{nil, arrowfile.Buffer(origins)}, nil, 0, 0)),
		array.MakeFromData(array.NewData(schema.Field(4).Type, n,
			[]*memory.Buffer{arrowfile.Buffer(valid), arrowfile.Buffer(starts)}, nil, nulls, 0)),
	}, int64(n))
}

// texts returns a column of text.
func texts(v []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	return b.NewArray()
}
