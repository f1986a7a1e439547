package cic2018

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
)

// A plan is the columns of the table beside time, port, protocol and label.
type plan struct {
	numbers []string       // names of the columns of numbers
	texts   []string       // and of addresses
	slot    map[string]int // of both kinds, by key: the place among the numbers or texts
	absent  []string       // columns that no file has, although every table has them
}

// A layout is how the columns of a file go into those of the table.
type layout struct {
	header
	roles   []role
	slot    []int    // of numbers and addresses: the place in the plan
	out     []string // names of the columns left out
	zero    []int    // optional columns of numbers that the file lacks
	empty   []int    // columns of addresses that it lacks
	forward int      // the slot of the bytes that were sent forward, -1 for none

	ports, protocols, times bool // whether the file has such a column
	twelve                  bool // its clock of twelve hours is to be repaired
}

// forwardBytes is the column that Attempted looks at.
const forwardBytes = "total_length_of_fwd_packets"

// A lacking is the error of a file that lacks a column which the others have.
type lacking struct {
	file   int
	column string
}

func (e *lacking) Error() string {
	return fmt.Sprintf("no column %q, which the other files have", e.column)
}

// newPlan finds the columns that more than half of the files have, and addresses and source ports
// that half of them have. A file that lacks one of the former is an error: it is not of the same
// kind.
func newPlan(headers []header) (p plan, layouts []layout, err error) {
	count := map[string]int{}
	for _, h := range headers {
		for _, k := range h.keys {
			count[k]++
		}
	}
	p.slot = map[string]int{}
	type named struct{ key, name string }
	var needed []named
	for _, h := range headers {
		for i, k := range h.keys {
			r := flowcsv.RoleOf(k)
			if _, known := p.slot[k]; known || r != number && r != address {
				continue
			}
			optional := flowcsv.Optional(k)
			if 2*count[k] < len(headers) || !optional && 2*count[k] == len(headers) {
				continue
			}
			if r == address {
				p.slot[k] = len(p.texts)
				p.texts = append(p.texts, flowtable.ColumnOf(h.names[i]))
				continue
			}
			p.slot[k] = len(p.numbers)
			p.numbers = append(p.numbers, flowtable.ColumnOf(h.names[i]))
			if !optional {
				needed = append(needed, named{k, h.names[i]})
			}
		}
	}
	has := func(r role) bool {
		for _, h := range headers {
			if h.has(r) > 0 {
				return true
			}
		}
		return false
	}
	for _, c := range []struct {
		role role
		name string
	}{{port, flowtable.DestinationPort}, {protocol, flowtable.Protocol}, {timestamp, flowtable.Timestamp}} {
		if !has(c.role) {
			p.absent = append(p.absent, c.name)
		}
	}
	for i, h := range headers {
		l, there := p.layout(h)
		for _, n := range needed {
			if !there[n.key] {
				return p, nil, &lacking{i, n.name}
			}
		}
		layouts = append(layouts, l)
	}
	return p, layouts, nil
}

// layout returns how a file goes into the table, and which keys it has.
func (p *plan) layout(h header) (l layout, there map[string]bool) {
	l = layout{header: h, ports: h.has(port) > 0, protocols: h.has(protocol) > 0, times: h.has(timestamp) > 0,
		roles: make([]role, len(h.keys)), slot: make([]int, len(h.keys)), forward: -1}
	there = map[string]bool{}
	for j, k := range h.keys {
		there[k] = true
		r := flowcsv.RoleOf(k)
		if r == number || r == address {
			s, ok := p.slot[k]
			if !ok {
				r = left
			}
			l.slot[j] = s
			if r == number && p.numbers[s] == forwardBytes {
				l.forward = s
			}
		}
		if l.roles[j] = r; r == left {
			l.out = append(l.out, h.names[j])
		}
	}
	for k, s := range p.slot {
		switch {
		case there[k]:
		case flowcsv.RoleOf(k) == address:
			l.empty = append(l.empty, s)
		default:
			l.zero = append(l.zero, s)
		}
	}
	return l, there
}
