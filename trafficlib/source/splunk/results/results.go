// Package results reads and writes the answers of a Splunk to searches, as JSON.
//
// It takes an answer with output_mode=json, of a oneshot search (one object with all results) or of
// an export (one object for each result, each on a line), from a connection or a file, gzipped or
// not, and returns its records one by one: fields in their order, each with one value or several.
// It holds no more than the longest record in memory. Previews, which later results replace, are
// skipped. An error of the search among the messages, an answer that ends early, and what is not
// such an answer, a page of HTML for example, are errors of one line.
package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Field is a field of a record, with no value, one, or those of a multivalue field.
type Field struct {
	Name   string
	Values []string
}

// A Record is one result: its fields, in the order of the answer.
type Record []Field

// Get returns the first value of a field, and whether there is one.
func (r Record) Get(name string) (string, bool) {
	for _, f := range r {
		if f.Name == name && len(f.Values) > 0 {
			return f.Values[0], true
		}
	}
	return "", false
}

// A Message is what Splunk says about a search beside its results. Type is DEBUG, INFO, WARN, ERROR
// or FATAL.
type Message struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// String returns the message as "WARN: text".
func (m Message) String() string { return m.Type + ": " + m.Text }

// failed reports whether the message says that the search has failed.
func (m Message) failed() bool { return m.Type == "ERROR" || m.Type == "FATAL" }

// MostRecord is how many bytes of JSON a record may have.
const MostRecord = 16 << 20

// A Reader reads the records of one answer.
type Reader struct {
	d        *json.Decoder
	in       *meter
	messages []Message
	fields   []string

	began   bool // something was read
	inside  bool // within the list of a oneshot answer
	preview bool // of the current object
	ended   bool // the last row was there
	stream  bool // it is an export
	n       int
	err     error
}

// NewReader reads an answer from r.
func NewReader(r io.Reader) *Reader {
	in := &meter{r: r}
	return &Reader{d: json.NewDecoder(in), in: in}
}

// Messages returns what Splunk has said so far.
func (r *Reader) Messages() []Message { return r.messages }

// Fields returns the names that a oneshot answer lists before its results; an export has none.
func (r *Reader) Fields() []string { return r.fields }

// Next returns the next record, and io.EOF after the last one of a whole answer.
func (r *Reader) Next() (Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	record, err := r.next()
	if err == errEnd {
		r.err = io.EOF
		return nil, r.err
	}
	if err != nil {
		r.err = fmt.Errorf("results: record %d: %w", r.n+1, r.explain(err))
		return nil, r.err
	}
	r.n++
	return record, nil
}

// ReadAll returns all records that are left.
func (r *Reader) ReadAll() ([]Record, error) {
	var all []Record
	for {
		record, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
}

var (
	errEnd = errors.New("the end of a whole answer") // io.EOF may also occur within one
	errCut = errors.New("the answer ends before its last row: it was cut off")
)

// explain returns what an error of the JSON decoder means.
func (r *Reader) explain(err error) error {
	var syntax *json.SyntaxError
	switch {
	case r.in.err != nil:
		return r.in.err // of the connection, or of the limits
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errCut
	case errors.As(err, &syntax) && !r.began:
		return fmt.Errorf("the answer is not JSON: it begins with %s", begin(r.in.head))
	}
	return err
}

// begin quotes the first characters of an answer.
func begin(head []byte) string {
	text := strings.ToValidUTF8(string(bytes.TrimSpace(head)), "\ufffd")
	line, _, _ := strings.Cut(text, "\n")
	if r := []rune(line); len(r) > 40 {
		return fmt.Sprintf("%q…", string(r[:40]))
	}
	return fmt.Sprintf("%q", line)
}

func (r *Reader) next() (Record, error) {
	for {
		r.in.record = 0
		if r.inside {
			if r.d.More() {
				return r.record()
			}
			if err := r.close(); err != nil {
				return nil, err
			}
			continue
		}
		record, err := r.object()
		if err != nil || record != nil {
			return record, err
		}
	}
}

// object reads the next object of the answer: a line of an export, or a oneshot answer up to its
// list.
func (r *Reader) object() (Record, error) {
	t, err := r.d.Token()
	if err == io.EOF && r.in.err == nil {
		if !r.ended {
			return nil, errCut
		}
		return nil, errEnd
	}
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("the answer has %s where an object was expected", shown(t))
	}
	r.began, r.preview = true, false
	var record Record
	last := false
	for r.d.More() {
		key, err := r.key()
		if err != nil {
			return nil, err
		}
		switch key {
		case "preview":
			err = r.d.Decode(&r.preview)
		case "lastrow":
			r.stream = true
			err = r.d.Decode(&last)
		case "messages":
			err = r.readMessages()
		case "fields":
			err = r.readFields()
		case "result":
			r.stream = true
			record, err = r.record()
		case "results":
			if err = r.want('['); err == nil {
				r.inside = true
				return nil, nil
			}
		default:
			var skip json.RawMessage
			err = r.d.Decode(&skip)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.want('}'); err != nil {
		return nil, err
	}
	r.ended = r.ended || last && !r.preview
	if r.preview {
		return nil, nil
	}
	return record, nil
}

// close reads what follows the list of a oneshot answer.
func (r *Reader) close() error {
	r.inside = false
	if err := r.want(']'); err != nil {
		return err
	}
	for r.d.More() {
		key, err := r.key()
		if err != nil {
			return err
		}
		if key == "messages" {
			err = r.readMessages()
		} else {
			var skip json.RawMessage
			err = r.d.Decode(&skip)
		}
		if err != nil {
			return err
		}
	}
	if err := r.want('}'); err != nil {
		return err
	}
	r.ended = true
	return nil
}

func (r *Reader) key() (string, error) {
	t, err := r.d.Token()
	if err != nil {
		return "", err
	}
	return t.(string), nil // within an object the decoder accepts nothing else
}

// shown returns a token for an error, in one line.
func shown(t json.Token) string {
	if text, ok := t.(string); ok {
		return fmt.Sprintf("%.60q", text)
	}
	return fmt.Sprint(t)
}

func (r *Reader) want(d json.Delim) error {
	t, err := r.d.Token()
	if err == nil && t != d {
		err = fmt.Errorf("the answer has %s where %v was expected", shown(t), d)
	}
	return err
}

func (r *Reader) readMessages() error {
	var messages []Message
	if err := r.d.Decode(&messages); err != nil {
		return err
	}
	r.messages = append(r.messages, messages...)
	for _, m := range messages {
		if m.failed() {
			return fmt.Errorf("the search has failed: %s", strings.Join(strings.Fields(m.Text), " "))
		}
	}
	return nil
}

// readFields accepts names as objects, which is the form of today, and as plain strings, which was
// the earlier one.
func (r *Reader) readFields() error {
	var names []json.RawMessage
	if err := r.d.Decode(&names); err != nil {
		return err
	}
	for _, raw := range names {
		var name struct{ Name string }
		if json.Unmarshal(raw, &name) != nil && json.Unmarshal(raw, &name.Name) != nil {
			return fmt.Errorf("the field %.60q has no name", raw)
		}
		r.fields = append(r.fields, name.Name)
	}
	return nil
}

// record reads a result, in the order of its fields.
func (r *Reader) record() (Record, error) {
	if err := r.want('{'); err != nil {
		return nil, err
	}
	record := Record{}
	for r.d.More() {
		name, err := r.key()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := r.d.Decode(&raw); err != nil {
			return nil, err
		}
		values, err := Values(raw)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		record = append(record, Field{name, values})
	}
	return record, r.want('}')
}

// Values returns the values of a field in JSON: a text, a number or a truth value as it is written,
// none for null, and those of a list. Objects and nested lists are errors.
func Values(raw json.RawMessage) ([]string, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, errors.New("is nothing, want text")
	}
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return []string{s}, err
	case 'n':
		return nil, nil
	case '{':
		return nil, errors.New("is an object, want text")
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		var all []string
		for _, one := range list {
			if one[0] == '[' {
				return nil, errors.New("is a list of lists, want text")
			}
			values, err := Values(one)
			if err != nil {
				return nil, err
			}
			all = append(all, values...)
		}
		return all, nil
	}
	return []string{string(raw)}, nil
}

// A meter passes an answer on, keeps its beginning for errors, and stops at a record that is too
// long.
type meter struct {
	r      io.Reader
	head   []byte
	record int
	err    error
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	if len(m.head) < 256 {
		m.head = append(m.head, p[:min(n, 256-len(m.head))]...)
	}
	if m.record += n; m.record > MostRecord && err == nil {
		err = fmt.Errorf("it has more than %d bytes", MostRecord)
	}
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}
