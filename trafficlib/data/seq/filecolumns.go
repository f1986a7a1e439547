package seq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

// A columnReader reads the columns beside the sequences, those that a file has.
type columnReader struct {
	columns
	part, label, origin, start int // places in the schema, -1 if there is none
	texts                      map[string]string
}

func newColumnReader(schema *arrow.Schema) (*columnReader, error) {
	r := &columnReader{texts: map[string]string{}}
	for name, to := range map[string]*int{columnPart: &r.part, columnLabel: &r.label, columnOrigin: &r.origin,
		columnStart: &r.start} {
		*to = -1
		for i, f := range schema.Fields() {
			if f.Name == name {
				*to = i
			}
		}
	}
	for _, c := range []struct {
		at   int
		ok   func(t arrow.DataType) bool
		want string
	}{
		{r.part, isText, "utf8"}, {r.label, isText, "utf8"},
		{r.origin, func(t arrow.DataType) bool { return t.ID() == arrow.INT64 }, "int64"},
		{r.start, func(t arrow.DataType) bool {
			ts, ok := t.(*arrow.TimestampType)
			return ok && ts.Unit == arrow.Nanosecond
		}, "timestamp[ns]"},
	} {
		if c.at >= 0 && !c.ok(schema.Field(c.at).Type) {
			f := schema.Field(c.at)
			return nil, fmt.Errorf("column %q is %s, want %s", f.Name, f.Type, c.want)
		}
	}
	return r, nil
}

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING }

// read reads the columns of a batch of n sequences, with others before them. A column that says
// nothing, as with all texts empty or all starts missing, takes no memory, like one that is not
// there.
func (r *columnReader) read(batch arrow.RecordBatch, before, n int) error {
	for _, c := range []struct {
		at int
		to *[]string
	}{{r.part, &r.parts}, {r.label, &r.labels}} {
		if c.at < 0 {
			continue
		}
		if err := r.readTexts(c.to, batch.Column(c.at).Data(), before, n); err != nil {
			return fmt.Errorf("column %q: %w", batch.ColumnName(c.at), err)
		}
	}
	if r.origin >= 0 {
		if err := r.readOrigins(batch.Column(r.origin).Data(), before, n); err != nil {
			return fmt.Errorf("column %q: %w", columnOrigin, err)
		}
	}
	if r.start >= 0 {
		if err := r.readStarts(batch.Column(r.start).Data(), before, n); err != nil {
			return fmt.Errorf("column %q: %w", columnStart, err)
		}
	}
	return nil
}

func (r *columnReader) readOrigins(d arrow.ArrayData, before, n int) error {
	v, err := int64s(d, n)
	if err == nil && d.NullN() != 0 {
		err = fmt.Errorf("%d values are missing", d.NullN())
	}
	if err != nil {
		return err
	}
	if r.origins == nil { // so far each is its own number
		at := 0
		for at < n && v[at] == int64(before+at) {
			at++
		}
		if at == n {
			return nil
		}
		r.origins = count(0, before)
	}
	r.origins = slices.Grow(r.origins, n)
	for _, x := range v {
		r.origins = append(r.origins, int(x))
	}
	return nil
}

func (r *columnReader) readStarts(d arrow.ArrayData, before, n int) error {
	v, err := int64s(d, n)
	if err != nil || d.NullN() == n && r.starts == nil {
		return err
	}
	var valid []byte
	if d.NullN() != 0 {
		var ok bool
		if valid, ok = arrowfile.Numbers[byte](d.Buffers()[0], (n+7)/8); !ok {
			return errShort
		}
	}
	if r.starts == nil {
		r.starts = slices.Repeat([]int64{unknown}, before)
	}
	at := len(r.starts)
	r.starts = append(r.starts, v...)
	for i := range valid {
		for bit := range min(8, n-8*i) {
			if valid[i]>>bit&1 == 0 {
				r.starts[at+8*i+bit] = unknown
			}
		}
	}
	return nil
}

var errShort = fmt.Errorf("more values than the file holds")

// int64s returns the n values of a column, which share the memory of the file.
func int64s(d arrow.ArrayData, n int) ([]int64, error) {
	if d.Len() != n || d.Offset() != 0 {
		return nil, fmt.Errorf("%d values at %d for %d sequences", d.Len(), d.Offset(), n)
	}
	v, ok := arrowfile.Numbers[int64](d.Buffers()[1], n)
	if !ok {
		return nil, errShort
	}
	return v, nil
}

// readTexts appends the n texts of a column, after those of the sequences before. There are few
// different ones, so that each is kept once; those of the file itself would be gone when it is
// closed. A missing one is "".
func (r *columnReader) readTexts(to *[]string, d arrow.ArrayData, before, n int) error {
	if d.Len() != n || d.Offset() != 0 {
		return fmt.Errorf("%d values at %d for %d sequences", d.Len(), d.Offset(), n)
	}
	if b := d.Buffers()[2]; n == 0 || *to == nil && (b == nil || b.Len() == 0) {
		return nil // all of them are empty
	}
	var offsets []int64
	if d.DataType().ID() == arrow.STRING {
		short, ok := arrowfile.Numbers[int32](d.Buffers()[1], n+1)
		if !ok {
			return errShort
		}
		offsets = make([]int64, n+1)
		for i, o := range short {
			offsets[i] = int64(o)
		}
	} else {
		var ok bool
		if offsets, ok = arrowfile.Numbers[int64](d.Buffers()[1], n+1); !ok {
			return errShort
		}
	}
	var data []byte
	if b := d.Buffers()[2]; b != nil {
		data = b.Bytes()
	}
	if *to == nil {
		if !slices.ContainsFunc(offsets, func(o int64) bool { return o != 0 }) {
			return nil
		}
		*to = make([]string, before)
	}
	*to = slices.Grow(*to, n)
	last, known := "", ""
	for i := range n {
		from, a := offsets[i], offsets[i+1]
		if from < 0 || a < from || a > int64(len(data)) {
			return fmt.Errorf("row %d: text from %d to %d of %d bytes", i, from, a, len(data))
		}
		if text := data[from:a]; string(text) != last || i == 0 {
			last = string(text)
			ok := false
			if known, ok = r.texts[last]; !ok {
				known = strings.ToValidUTF8(last, "\ufffd")
				r.texts[last] = known
			}
		}
		*to = append(*to, known)
	}
	return nil
}

// done returns the columns, nil if they say nothing.
func (r *columnReader) done() *columns {
	if r.parts == nil && r.labels == nil && r.origins == nil && r.starts == nil {
		return nil
	}
	r.classes = classes(r.labels)
	return &r.columns
}

// bitmap returns the validity bits of starts, and the number of those that are unknown.
func bitmap(starts []int64) (valid []byte, nulls int) {
	valid = make([]byte, (len(starts)+7)/8)
	for i, s := range starts {
		if s == unknown {
			nulls++
		} else {
			valid[i/8] |= 1 << (i % 8)
		}
	}
	return valid, nulls
}
