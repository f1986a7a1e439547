package cic2018

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
)

// accept keeps a row that was read, or leaves it out. It reports whether to go on.
func (p *piece) accept(l *layout, o *Options, odds []odd, line int, since, when int64, clock int, code uint32) bool {
	afternoon := l.twelve && clock >= 1 && clock <= 7
	if afternoon {
		when += 12 * hour
	}
	if when < since && l.times {
		p.tally.before++
		return true
	}
	if l.times {
		p.tally.hours |= 1 << clock
	}
	if afternoon {
		p.tally.moved++
	}
	drop := false
	for _, x := range odds {
		policy, what := o.Missing, "is a missing value"
		if x.infinite {
			policy, what = o.Infinite, "is not finite"
			p.tally.inf[x.slot]++
		} else {
			p.tally.missing[x.slot]++
		}
		switch policy {
		case table.Skip:
			drop = true
		case table.Fail:
			for j, s := range l.slot {
				if l.roles[j] == number && s == x.slot {
					p.err = &place{line, fmt.Errorf("column %q: it %s", l.names[j], what)}
				}
			}
			return false
		}
	}
	if drop {
		p.tally.dropped++
		return true
	}
	if o.Attempted && p.values[l.forward][p.rows] == 0 {
		code = p.mark(code)
	}
	p.times[p.rows], p.codes[p.rows] = when, code
	p.count[code]++
	p.rows++
	return true
}

// mark returns the code of the attempted kind of a label.
func (p *piece) mark(code uint32) uint32 {
	if p.attempted[code] == 0 {
		p.attempted[code] = code + 1 // itself
		if name := p.names[code]; markable(name) {
			p.attempted[code] = p.code(name+attempted) + 1
		}
	}
	to := p.attempted[code] - 1
	if to != code {
		p.tally.marked++
	}
	return to
}

// code returns the code of a label in this piece.
func (p *piece) code(name string) uint32 {
	for i, n := range p.names {
		if n == name {
			return uint32(i)
		}
	}
	p.names, p.count, p.attempted = append(p.names, name), append(p.count, 0), append(p.attempted, 0)
	return uint32(len(p.names) - 1)
}

// newLabel returns the code of a label in a spelling that is new in this piece.
func (p *piece) newLabel(cell []byte) (uint32, error) {
	name := flowcsv.LabelOf(cell)
	switch {
	case flowcsv.NoLabel(name):
		return 0, errNoLabel
	case len(name) > 200:
		return 0, fmt.Errorf("%s is too long for a label", quote(cell))
	case flowcsv.RoleOf(flowcsv.Key(name)) == label: // a repeated header, which no other column has told
		return 0, fmt.Errorf("%s is no label", quote(cell))
	case len(p.raw) >= flowtable.MaxLabels:
		return 0, fmt.Errorf("more than %d different labels", flowtable.MaxLabels)
	}
	code := p.code(name)
	if string(cell) != name {
		p.tally.respelt = append(p.tally.respelt, name)
	}
	p.raw[string(cell)] = code
	return code, nil
}
