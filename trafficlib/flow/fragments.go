package flow

import (
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// fragments know the ports of datagrams that come in fragments, of which only the first has them. Those that come before
// the first wait for it.
type fragments struct {
	of      map[datagram]*ports
	order   []datagram // as they came, for the oldest to make room
	waiting int        // packets
	lost    int64      // that waited in vain
}

// datagram is what the fragments of one have in common (RFC 791 §3.2, RFC 8200 §4.5).
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

// What may be open at once. A receiver waits for 15 to 60 seconds as well.
const (
	mostDatagrams = 1 << 12
	mostFragments = 1 << 12
	fragmentTime  = 30 * time.Second
)

// add takes a fragment. It sets the ports of a later one, and reports whether they are known; of a first one it returns
// those that waited for it.
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

// set makes a fragment one of the datagram's flow.
func (o *ports) set(q *packet) { q.lowPort, q.highPort, q.turned = o.low, o.high, o.turned }

// end returns how many wait still.
func (f *fragments) end() int64 {
	n := f.waiting
	*f = fragments{lost: f.lost}
	return int64(n)
}
