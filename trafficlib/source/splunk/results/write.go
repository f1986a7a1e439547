package results

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// Names returns the names of all fields of some records, in the order in which they first appear.
func Names(records []Record) []string {
	var names []string
	seen := map[string]bool{}
	for _, r := range records {
		for _, f := range r {
			if !seen[f.Name] {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// Write writes records as a oneshot answer, on one line, which is what splunklib's
// JSONResultsReader expects.
func Write(w io.Writer, records []Record) error {
	type name struct {
		Name string `json:"name"`
	}
	fields := []name{}
	for _, n := range Names(records) {
		fields = append(fields, name{n})
	}
	head, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `{"preview":false,"init_offset":0,"messages":[],"fields":%s,"results":[`, head)
	for i, r := range records {
		if i > 0 {
			b.WriteByte(',')
		}
		text, err := r.MarshalJSON()
		if err != nil {
			return err
		}
		b.Write(text)
	}
	b.WriteString("],\"highlighted\":{}}\n")
	return b.Flush()
}

// MarshalJSON returns a record as an object with its fields in order: one value as text, several as
// a list. As in Splunk, a field without a value is left out.
func (r Record) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for _, f := range r {
		if len(f.Values) == 0 {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		var value any = f.Values
		if len(f.Values) == 1 {
			value = f.Values[0]
		}
		for i, part := range []any{f.Name, value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// Save writes records to a file, whole or not at all, gzipped if its name ends in .gz.
func Save(path string, records []Record) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		if !strings.HasSuffix(path, ".gz") {
			return Write(w, records)
		}
		z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		if err := Write(z, records); err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}

// ReadFile returns the records of a file that Save wrote, or that holds an answer of Splunk or a
// plain list of objects, which is how other programs write records. It recognizes gzip by the first
// bytes.
func ReadFile(path string) ([]Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	defer f.Close()
	b := bufio.NewReader(f)
	var in io.Reader = b
	if magic, _ := b.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("results: %s: %w", path, err)
		}
		in = z
	}
	var all []Record
	for r, err := range Records(in) {
		if err != nil {
			return nil, fmt.Errorf("results: %s: %s", path, strings.TrimPrefix(err.Error(), "results: "))
		}
		all = append(all, r)
	}
	return all, nil
}

// Records returns the records of an answer, or of a plain list of objects, one by one. An error is
// the last of them.
func Records(in io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		r := NewReader(listed(in))
		for {
			record, err := r.Next()
			if err == io.EOF || !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// listed makes a plain list of objects into the list of an answer.
func listed(in io.Reader) io.Reader {
	b := bufio.NewReader(in)
	for {
		c, err := b.ReadByte()
		if err != nil {
			return b
		}
		if slices.Contains([]byte(" \t\r\n"), c) {
			continue
		}
		_ = b.UnreadByte() // it was read just now
		if c == '[' {
			return io.MultiReader(strings.NewReader(`{"results":`), b, strings.NewReader("}"))
		}
		return b
	}
}
