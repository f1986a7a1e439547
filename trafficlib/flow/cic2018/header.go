package cic2018

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
)

// A role is what a column of a file is for.
type role = flowcsv.Role

const (
	number    = flowcsv.Number
	port      = flowcsv.Port
	protocol  = flowcsv.Protocol
	timestamp = flowcsv.Time
	label     = flowcsv.Label
	address   = flowcsv.Text
	left      = flowcsv.Left // left out, as is a column that most files lack
)

// A header is the first line of a file.
type header struct {
	names []string // trimmed; a repeated one gets ".1", ".2" … as in pandas, an empty one is "column 3"
	keys  []string // of the names; "" for an empty one
	twice []string // the repeated names
	size  int      // in bytes, with the end of the line
}

const maxLine = 1 << 20

// parseHeader reads the header of a file from its first bytes, at most maxLine of them; whole says
// that the file has no more. Errors do not name the file.
func parseHeader(data []byte, whole bool) (h header, err error) {
	if len(data) == 0 {
		return h, errEmpty
	}
	end := bytes.IndexByte(data, '\n')
	line := data
	if end >= 0 {
		line, h.size = data[:end], end+1
	} else {
		h.size = len(data)
	}
	line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(line, []byte("\x1f\x8b")), bytes.HasPrefix(line, []byte("PK\x03\x04")),
		bytes.HasPrefix(line, []byte("\x28\xb5\x2f\xfd")):
		return h, fmt.Errorf("it is compressed: unpack it first")
	case bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")):
		return h, fmt.Errorf("it is UTF-16: make it UTF-8 first")
	}
	if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' }); i >= 0 {
		return h, fmt.Errorf("not a CSV file: byte %#02x in its first line", line[i])
	}
	if end < 0 && !whole {
		return h, fmt.Errorf("no end of line in the first %d kB: not a CSV file", maxLine>>10)
	}
	seen := map[string]bool{}
	for i, cell := range cells(nil, bytes.TrimRight(line, "\r")) {
		name := strings.ToValidUTF8(string(cell), "\ufffd")
		k := flowcsv.Key(name)
		if name == "" {
			name, k = fmt.Sprintf("column %d", i+1), ""
		}
		base, baseKey := name, k
		for n := 1; seen[name]; n++ {
			name, k = fmt.Sprintf("%s.%d", base, n), fmt.Sprintf("%s.%d", baseKey, n)
		}
		if name != base {
			h.twice = append(h.twice, name)
		}
		seen[name] = true
		h.names, h.keys = append(h.names, name), append(h.keys, k)
	}
	return h, h.check(line)
}

// check finds columns that are there twice and must not be, and a missing label.
func (h header) check(line []byte) error {
	for _, want := range []struct {
		role role
		name string
		must bool
	}{{timestamp, "Timestamp", false}, {label, "Label", true}, {port, "Dst Port", false}, {protocol, "Protocol", false}} {
		n := h.has(want.role)
		if n == 1 || n == 0 && !want.must {
			continue
		}
		for _, other := range []byte(";\t|") {
			if n == 0 && bytes.Count(line, []byte{other}) > bytes.Count(line, []byte(",")) {
				return fmt.Errorf("no column %q: its columns are divided by %q, want ','", want.name, other)
			}
		}
		if n > 1 {
			return fmt.Errorf("%d columns %q", n, want.name)
		}
		return fmt.Errorf("no column %q among its %d columns, %s", want.name, len(h.names), some(h.names))
	}
	numbers := 0
	for _, k := range h.keys {
		if k != "" && flowcsv.RoleOf(k) == number {
			numbers++
		}
	}
	if numbers == 0 {
		return fmt.Errorf("no column of numbers among its %d columns, %s", len(h.names), some(h.names))
	}
	return nil
}

// has returns how many columns of a role there are.
func (h header) has(r role) (n int) {
	for _, k := range h.keys {
		if flowcsv.RoleOf(k) == r {
			n++
		}
	}
	return n
}

// some quotes the first of names.
func some(names []string) string {
	const most = 5
	var quoted []string
	for _, n := range names[:min(len(names), most)] {
		if len(n) > 40 {
			n = n[:40] + "…"
		}
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	s := strings.Join(quoted, ", ")
	if len(names) > most {
		s += " …"
	}
	return s
}

// cells splits a line at its commas, trims the cells and removes quotes, in which there may be
// commas.
func cells(all [][]byte, line []byte) [][]byte {
	for {
		cell, next := cut(line, 0)
		all = append(all, cell)
		if next >= len(line) || line[next] != ',' {
			return all
		}
		line = line[next+1:]
	}
}

// cut returns the cell at a place of the line without blanks and quotes, and where it ends: at a
// comma or the line's end.
func cut(line []byte, at int) (cell []byte, end int) {
	start := at
	for start < len(line) && (line[start] == ' ' || line[start] == '\t') {
		start++
	}
	if start < len(line) && line[start] == '"' {
		if n := bytes.IndexByte(line[start+1:], '"'); n >= 0 {
			cell, end = line[start+1:start+1+n], start+n+2
			for end < len(line) && (line[end] == ' ' || line[end] == '\t' || line[end] == '\r') {
				end++
			}
			if end == len(line) || line[end] == ',' {
				return bytes.TrimSpace(cell), end
			}
		}
	}
	if end = bytes.IndexByte(line[at:], ','); end < 0 {
		end = len(line)
	} else {
		end += at
	}
	return bytes.TrimSpace(line[at:end]), end
}
