package cic2018

import (
	"bytes"
	"fmt"
	"slices"
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
	left      = flowcsv.Left // out: text, a column without a name, one that most files lack
)

// A header is the first line of a file.
type header struct {
	names []string // trimmed; one that is there twice gets ".1", ".2" … as in pandas, an empty one "column 3"
	keys  []string // of the names; "" for an empty one
	twice []string // those that were there before
	size  int      // bytes, with its end of line
}

const maxLine = 1 << 20

// parseHeader reads the header of a file from its first bytes, at most maxLine of them: whole says that these are all.
// Errors do not name the file.
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
	case bytes.HasPrefix(line, []byte("\x1f\x8b")), bytes.HasPrefix(line, []byte("PK\x03\x04")), bytes.HasPrefix(line, []byte("\x28\xb5\x2f\xfd")):
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

// check finds the columns that a file may have once, and the one that none may lack.
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

// cells cuts a line at its commas, trims the cells and takes quotes away, in which there may be commas.
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

// cut gives the cell at a place of the line without blanks and quotes, and where it ends: at a comma or the line's end.
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

// A layout is how the columns of a file go into those of the table.
type layout struct {
	header
	roles []role
	slot  []int    // of numbers: which column of numbers of the table
	out   []string // the names of the columns left out
	fwd   int      // the slot of the bytes that were sent forward, -1 for none

	ports, protocols, times bool // it has such a column
	twelve                  bool // its clock is one of twelve hours, to be mended
}

// A plan is the columns of the table: numbers in their order, and the others.
type plan struct {
	order []role   // of all columns of the table
	names []string // of all columns
	slots []int    // of all columns, those of numbers
	nums  []string // the names of the numbers
	none  []string // of the names, the columns that no file has
}

// forward is the key of the column that Attempted looks at.
const forward = "totlenfwdpkts"

// lacking is the error of a file that lacks a column which the others have.
type lacking struct {
	file   int
	column string
}

func (e *lacking) Error() string {
	return fmt.Sprintf("no column %q, which the other files have", e.column)
}

// newPlan finds the columns that more than half of the files have, as the first of them names and orders them. A file
// that lacks one of them is an error: it is not of the same kind.
func newPlan(headers []header) (p plan, layouts []layout, err error) {
	count := map[string]int{}
	for _, h := range headers {
		for _, k := range h.keys {
			count[k]++
		}
	}
	kept := func(k string) bool { return 2*count[k] > len(headers) }
	slot := map[string]int{}
	// The first file with all of them gives the order.
	most, first := -1, 0
	for i, h := range headers {
		n := 0
		for _, k := range h.keys {
			if kept(k) {
				n++
			}
		}
		if n > most {
			most, first = n, i
		}
	}
	for i, k := range headers[first].keys {
		r := flowcsv.RoleOf(k)
		if r == left || r == number && !kept(k) {
			continue
		}
		p.order, p.names = append(p.order, r), append(p.names, headers[first].names[i])
		p.slots = append(p.slots, len(p.nums))
		if r == number {
			slot[k] = len(p.nums)
			p.nums = append(p.nums, headers[first].names[i])
		}
	}
	p.absent(headers)
	for i, h := range headers {
		l := layout{header: h, ports: h.has(port) > 0, protocols: h.has(protocol) > 0, times: h.has(timestamp) > 0, roles: make([]role, len(h.keys)), slot: make([]int, len(h.keys)), fwd: -1}
		there := map[string]bool{}
		for j, k := range h.keys {
			there[k] = true
			r, s := flowcsv.RoleOf(k), 0
			if r == number {
				var ok bool
				if s, ok = slot[k]; !ok {
					r = left
				}
			}
			if r == left {
				l.out = append(l.out, h.names[j])
			}
			l.roles[j], l.slot[j] = r, s
			if r == number && k == forward {
				l.fwd = s
			}
		}
		for j, k := range headers[first].keys {
			if _, ok := slot[k]; ok && !there[k] {
				return p, nil, &lacking{i, headers[first].names[j]}
			}
		}
		layouts = append(layouts, l)
	}
	return p, layouts, nil
}

// absent adds the columns that the first of the files lacks and that all tables have: what is not in any file is 0, and in
// the place of a time is the order of the rows.
func (p *plan) absent(headers []header) {
	for _, c := range []struct {
		role role
		name string
	}{{port, "Dst Port"}, {protocol, "Protocol"}, {timestamp, "Timestamp"}} {
		if !slices.Contains(p.order, c.role) {
			p.order, p.names, p.slots = append(p.order, c.role), append(p.names, c.name), append(p.slots, 0)
		}
		if !slices.ContainsFunc(headers, func(h header) bool { return h.has(c.role) > 0 }) {
			p.none = append(p.none, c.name)
		}
	}
}
