package flow

import (
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// fragments knows the ports of datagrams that come in fragments, of which only the first has them.
// Those that come before the first wait for it.
type fragments struct {
	of      map[datagram]*ports
	order   []datagram // oldest first
	waiting int        // packets
	lost    int64      // packets that waited in vain
}

// A datagram is what its fragments have in common (RFC 791 §3.2, RFC 8200 §4.5).
type datagram struct {
	src, dst          [2]uint64
	id                uint32
	vlan, outer       uint16
	tunnel            uint32
	tunnelKind        uint16
	protocol, version uint8
}

type ports struct {
	known     bool
	low, high uint16
	turned    bool
	time      int64 // nanoseconds
	waiting   []packet
}

// How many may be incomplete at once, and for how long. Receivers wait for 15 to 60 seconds.
const (
	mostDatagrams = 1 << 12
	mostFragments = 1 << 12
	fragmentTime  = 30 * time.Second
)

// add handles a fragment. It sets the ports of a later fragment, and reports whether they are
// known; for the first one it returns those that have waited for it.
func (f *fragments) add(p *capture.Packet, q *packet) (known bool, waiting []packet) {
	if f.of == nil {
		f.of = map[datagram]*ports{}
	}
	d := datagram{words(p.Src), words(p.Dst), p.ID, q.vlan, q.outer, q.tunnel, q.tunnelKind, q.protocol, q.version}
	for len(f.order) > 0 {
		oldest := f.of[f.order[0]]
		if len(f.order) < mostDatagrams && f.waiting < mostFragments && p.Nanos-oldest.time <= int64(fragmentTime) {
			break
		}
		f.lost += int64(len(oldest.waiting))
		f.waiting -= len(oldest.waiting)
		delete(f.of, f.order[0])
		f.order = f.order[1:]
	}
	o := f.of[d]
	if o == nil {
		o = &ports{time: p.Nanos}
		f.of[d] = o
		f.order = append(f.order, d)
	}
	if p.Kind != capture.Fragment {
		o.known, o.low, o.high, o.turned = true, q.lowPort, q.highPort, q.turned
		waiting, o.waiting = o.waiting, nil
		f.waiting -= len(waiting)
		for i := range waiting {
			o.set(&waiting[i])
		}
		return true, waiting
	}
	if !o.known {
		o.waiting = append(o.waiting, *q)
		f.waiting++
		return false, nil
	}
	o.set(q)
	return true, nil
}

// set sets the ports of a fragment to those of its datagram.
func (o *ports) set(q *packet) { q.lowPort, q.highPort, q.turned = o.low, o.high, o.turned }

// end returns how many still wait.
func (f *fragments) end() int64 {
	n := f.waiting
	*f = fragments{lost: f.lost}
	return int64(n)
}
