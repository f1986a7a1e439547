package seq

import (
	"fmt"
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

// read reads the columns of a batch, after which there are total sequences.
func (r *columnReader) read(batch arrow.RecordBatch, total int) error {
	for at, to := range map[int]*[]string{r.part: &r.parts, r.label: &r.labels} {
		if at < 0 {
			continue
		}
		if err := r.readTexts(to, batch.Column(at).Data(), total-len(*to)); err != nil {
			return fmt.Errorf("column %q: %w", batch.ColumnName(at), err)
		}
	}
	if r.origin >= 0 {
		d := batch.Column(r.origin).Data()
		v, err := int64s(d, total-len(r.origins))
		if err == nil && d.NullN() != 0 {
			err = fmt.Errorf("%d values are missing", d.NullN())
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", columnOrigin, err)
		}
		for _, x := range v {
			r.origins = append(r.origins, int(x))
		}
	}
	if r.start < 0 {
		return nil
	}
	d := batch.Column(r.start).Data()
	v, err := int64s(d, total-len(r.starts))
	valid, ok := []byte(nil), true
	if err == nil && d.NullN() != 0 {
		valid, ok = arrowfile.Numbers[byte](d.Buffers()[0], (len(v)+7)/8)
	}
	if err != nil || !ok {
		return fmt.Errorf("column %q: %w", columnStart, errOr(err))
	}
	for i, x := range v {
		if valid != nil && valid[i/8]>>(i%8)&1 == 0 {
			x = unknown
		}
		r.starts = append(r.starts, x)
	}
	return nil
}

func errOr(err error) error {
	if err == nil {
		return errShort
	}
	return err
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

// readTexts appends the n texts of a column. There are few different ones, so that each is kept
// once; those of the file itself would be gone when it is closed. A missing one is "".
func (r *columnReader) readTexts(to *[]string, d arrow.ArrayData, n int) error {
	if d.Len() != n || d.Offset() != 0 {
		return fmt.Errorf("%d values at %d for %d sequences", d.Len(), d.Offset(), n)
	}
	if n == 0 {
		return nil
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

// done returns the columns, nil if the file has none.
func (r *columnReader) done() *columns {
	if r.part < 0 && r.label < 0 && r.origin < 0 && r.start < 0 {
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
