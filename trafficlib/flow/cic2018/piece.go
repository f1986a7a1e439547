package cic2018

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// pieceSize is how much text is read at a time. Each piece under way takes up to seven times as
// much memory.
const pieceSize = 2 << 20

// A piece is some whole lines of a file, and what they hold. It is used again for others.
type piece struct {
	file int    // index of its file
	base int64  // stands for the time of its first row if the file has no times
	text []byte // whole lines, each with its end
	cut  bool   // the file had no end of line behind the last
	last bool   // of its file
	done chan struct{}

	lines     int // in the text
	rows      int // kept so far
	values    [][]float64
	integral  []bool // for each column of numbers: all values so far are integers
	ports     []uint16
	protocols []uint8
	times     []int64
	addresses []addresses
	codes     []uint32          // of labels, into names
	names     []string          // the labels of this piece
	count     []int64           // kept rows of each of names
	raw       map[string]uint32 // codes by spelling
	attempted []uint32          // for each of names: the code of its attempted kind plus 1, 0 if not known yet
	store     []float64

	packed flowtable.Batch
	tally  tally
	err    error // what ended it
}

// addresses is a column of text.
type addresses struct {
	values []string
	codes  []uint32
	code   map[string]uint32
}

// A tally is what was found in a piece; lines are counted from its first, 1.
type tally struct {
	headers, bad    []int
	why             string // the first bad one
	before, dropped int
	empty           int      // lines without a value
	unlabeled       int      // rows that nobody labeled
	moved           int      // rows of the afternoon, by a clock of twelve hours
	missing, inf    []int    // for each column of numbers
	respelt         []string // labels that the text spells otherwise
	marked          int      // labels that became attempted
	hours           hours
	lastLabel       string // of a row without end of line
}

// reset makes room for the rows of the text.
func (p *piece) reset(l *layout, plan *plan) {
	numbers := len(plan.numbers)
	p.lines = bytes.Count(p.text, []byte{'\n'})
	most := min(p.lines, len(p.text)/len(l.names)+1) // a row has as many separators as columns
	if need := most * numbers; cap(p.store) < need {
		p.store = make([]float64, need+need/8)
	}
	p.values = p.values[:0]
	for c := range numbers {
		p.values = append(p.values, p.store[c*most:(c+1)*most:(c+1)*most])
	}
	for _, c := range l.zero {
		clear(p.values[c])
	}
	p.ports, p.protocols = room(p.ports, most), room(p.protocols, most)
	p.times, p.codes = room(p.times, most), room(p.codes, most)
	p.addresses = room(p.addresses, len(plan.texts))
	for i := range p.addresses {
		a := &p.addresses[i]
		a.values, a.codes, a.code = a.values[:0], room(a.codes, most), map[string]uint32{}
	}
	for _, i := range l.empty {
		p.addresses[i].values = append(p.addresses[i].values, "")
		clear(p.addresses[i].codes)
	}
	p.names, p.count, p.attempted = p.names[:0], p.count[:0], p.attempted[:0]
	p.raw = map[string]uint32{}
	p.rows = 0
	p.tally = tally{missing: room(p.tally.missing, numbers), inf: room(p.tally.inf, numbers)}
	clear(p.tally.missing)
	clear(p.tally.inf)
	p.integral = room(p.integral, numbers)
	for i := range p.integral {
		p.integral[i] = true
	}
}

// batch returns the rows that are kept.
func (p *piece) batch() *flowtable.Batch {
	b := &p.packed
	b.Times, b.Ports, b.Protocols, b.Integral = p.times[:p.rows], p.ports[:p.rows], p.protocols[:p.rows], p.integral
	b.Numbers, b.Texts = b.Numbers[:0], b.Texts[:0]
	for _, v := range p.values {
		b.Numbers = append(b.Numbers, v[:p.rows])
	}
	for _, a := range p.addresses {
		b.Texts = append(b.Texts, flowtable.Texts{Values: a.values, Codes: a.codes[:p.rows]})
	}
	b.Texts = append(b.Texts, flowtable.Texts{Values: p.names, Codes: p.codes[:p.rows]})
	return b
}

// room returns a slice of length n, in the memory of s if that is large enough.
func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}

// An odd is a value of the current row that is missing or infinite.
type odd struct {
	slot     int
	infinite bool
}

// parse reads the text, row by row and in a row cell by cell: almost all cells are plain decimal
// numbers, which are read here, eight characters at a time, and all else is left to slower
// functions.
func (p *piece) parse(l *layout, plan *plan, o *Options) {
	p.reset(l, plan)
	since := int64(math.MinInt64)
	if !o.Since.IsZero() {
		since = o.Since.UnixMicro()
	}
	p.text = slices.Grow(p.text, 8)
	text, padded := p.text, p.text[:len(p.text)+8] // for a look at eight characters from any place
	clear(padded[len(text):])
	var odds []odd
	line := 0
	for at := 0; at < len(text); {
		line++
		start := at
		odds = odds[:0]
		var fault error
		r := p.rows
		var when int64
		var clock int
		var code uint32
		if !l.times {
			when = p.base + int64(line)
		}
		if !l.ports {
			p.ports[r] = 0
		}
		if !l.protocols {
			p.protocols[r] = 0
		}
		for j, role := range l.roles {
			switch role {
			case number:
				// A plain decimal number.
				k := at
				neg := text[k] == '-'
				if neg {
					k++
				}
				n, m := digits(binary.LittleEndian.Uint64(padded[k:]))
				k += n
				for more := n; more == 8; n += more {
					var v uint64
					more, v = digits(binary.LittleEndian.Uint64(padded[k:]))
					m = m*whole10[more] + v
					k += more
				}
				fraction := 0
				if text[k] == '.' && n > 0 {
					k++
					p.integral[l.slot[j]] = false
					for more := 8; more == 8; fraction += more {
						var v uint64
						more, v = digits(binary.LittleEndian.Uint64(padded[k:]))
						m = m*whole10[more] + v
						k += more
					}
				}
				end := text[k]
				var v float64
				if n > 0 && (end == ',' || end == '\n' || end == '\r' && text[k+1] == '\n') {
					if n+fraction <= 19 {
						switch {
						case m >= 1<<53:
							v = decimal(m, fraction)
						case fraction == 0:
							v = float64(m)
						default:
							v = float64(m) / pow10[fraction] // see decimal
						}
						if neg {
							v = -v
						}
						p.values[l.slot[j]][r] = v
						at = k
						break
					}
					var err error
					p.integral[l.slot[j]] = false
					if v, err = strconv.ParseFloat(unsafe.String(&text[at], k-at), 64); err == nil {
						p.values[l.slot[j]][r] = v
						at = k
						break
					}
				}
				p.integral[l.slot[j]] = false
				if v, at, fault = slowNumber(text, at); fault == nil {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						odds = append(odds, odd{l.slot[j], math.IsInf(v, 0)})
					}
					p.values[l.slot[j]][r] = v
				}
			case port, protocol:
				k, m := at, 0
				for k-at < 6 {
					d := text[k] - '0'
					if d > 9 {
						break
					}
					m = m*10 + int(d)
					k++
				}
				if end := text[k]; k == at || end != ',' && end != '\n' {
					m, k, fault = slowSmall(text, at)
				}
				at = k
				switch {
				case fault != nil:
				case role == port && m > 65535 || role == protocol && m > 255:
					fault = fmt.Errorf("%d is too large", m)
				case role == port:
					p.ports[r] = uint16(m)
				default:
					p.protocols[r] = uint8(m)
				}
			case timestamp:
				cell, end := fastCell(text, at)
				var ok bool
				if when, clock, ok = parseTime(cell); !ok {
					if cell, end = slowCell(text, at); len(cell) == 0 {
						fault = errNoValue
					} else if when, clock, ok = parseTime(cell); !ok {
						fault = fmt.Errorf("%s is not a time like 14/02/2018 08:31:01", quote(cell))
					}
				}
				at = end
			case label:
				cell, end := fastCell(text, at)
				var known bool
				if code, known = p.raw[unsafe.String(unsafe.SliceData(cell), len(cell))]; !known {
					cell, end = slowCell(text, at)
					code, fault = p.newLabel(cell)
				}
				at = end
			case address:
				a := &p.addresses[l.slot[j]]
				cell, end := fastCell(text, at)
				c, known := a.code[unsafe.String(unsafe.SliceData(cell), len(cell))]
				if !known {
					raw := string(cell)
					cell, end = slowCell(text, at)
					c = uint32(len(a.values))
					a.values = append(a.values, strings.ToValidUTF8(string(cell), "\ufffd"))
					a.code[raw] = c
				}
				a.codes[r], at = c, end
			case left:
				if text[at] == '"' { // perhaps with a comma in it
					_, at = slowCell(text, at)
				} else {
					_, at = fastCell(text, at)
				}
			}
			if fault != nil {
				fault = fmt.Errorf("column %q: %w", l.names[j], fault)
				break
			}
			if j == len(l.roles)-1 {
				break
			}
			if text[at] != ',' {
				fault = errShort
				break
			}
			at++
		}
		if fault == nil && text[at] == '\r' && text[at+1] == '\n' {
			at++
		}
		if fault == nil && text[at] == '\n' {
			at++
			if !p.accept(l, o, odds, line, since, when, clock, code) {
				return
			}
			if p.cut && at == len(text) {
				p.tally.lastLabel = p.names[code]
			}
			continue
		}
		at = start + bytes.IndexByte(text[start:], '\n') + 1
		if !p.fault(l, o, text[start:at-1], line, fault) {
			return
		}
	}
}
