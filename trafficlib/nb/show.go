package nb

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// A Shower is a value with a rich display: MIME type to content, always with "text/plain". Content
// is a string, the bytes of a picture, or, for the types that end in "+json", a value that
// encoding/json can write or the text of one.
type Shower interface {
	MIME() (map[string]any, error)
}

// Show shows the values in order, each on a line or in a picture of its own: a [Shower], or a slice
// of them, by its bundle, of which the notebook takes the richest form that it can show; anything
// else as fmt.Println prints it. Without a notebook it prints the plain text to standard output. A
// value that cannot be shown ends the cell as [Check] does.
//
// Output that the cell printed before Show comes before it in the notebook, and later output comes
// after. The first half is best effort: standard output and rich output reach the kernel through
// two pipes, so Show waits (at most 200 ms) until the kernel has read the one before it writes to
// the other.
func Show(values ...any) {
	Check(show(values))
}

func show(values []any) error {
	var bundles []map[string]any
	var lines []string // plain values in a row make one bundle
	flushLines := func() {
		if len(lines) > 0 {
			bundles = append(bundles, map[string]any{"text/plain": strings.Join(lines, "\n")})
			lines = nil
		}
	}
	for _, v := range values {
		shower, several := showers(v)
		if !several {
			lines = append(lines, fmt.Sprint(v))
			continue
		}
		flushLines()
		for _, s := range shower {
			b, err := s.MIME()
			if err != nil {
				return err
			}
			if b, err = clean(b); err != nil {
				return fmt.Errorf("nb: show a %T: %w", s, err)
			}
			bundles = append(bundles, b)
		}
	}
	flushLines()
	if !connected() {
		for _, b := range bundles {
			fmt.Fprintln(os.Stdout, strings.TrimSuffix(b["text/plain"].(string), "\n"))
		}
		return nil
	}
	drain()
	for _, b := range bundles {
		send(b, nil, "")
	}
	flush()
	return nil
}

// showers returns the parts of v that are Showers; ok is false if v is plain.
func showers(v any) (all []Shower, ok bool) {
	if s, ok := v.(Shower); ok {
		return []Shower{s}, true
	}
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Slice || r.Len() == 0 {
		return nil, false
	}
	for i := range r.Len() {
		s, ok := r.Index(i).Interface().(Shower)
		if !ok {
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}
