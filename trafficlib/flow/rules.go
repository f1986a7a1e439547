package flow

import (
	"fmt"
	"time"
)

// Rules say what a flow is. The zero value is NFStream's, at nanoseconds.
type Rules struct {
	Idle          time.Duration // a flow ends when nothing came for so long; 0 means 120 s, below 0 never
	Active        time.Duration // a flow ends when it has gone on for so long, and the packet begins a new one; 0 means 1800 s, below 0 never
	TCP           TCPEnd
	Linger        time.Duration // see Late; 0 means 60 s with AtClose and none with FirstFIN, below 0 none
	Late          Late          // what becomes of packets that come after TCP's end
	KeepDirection bool          // what goes on after Active has the direction of what was before, not that of its first packet
	Size          Size          // what the size of a packet is
	Unit          time.Duration // times are cut to whole ones; 0 means 1 ns
	Most          int           // flows open at once; 0 means 524288, up to half a gigabyte
	Activity      bool          // keep bulks, subflows and idle times, for CICFlowMeter's columns
}

// TCPEnd says when TCP itself ends a flow.
type TCPEnd uint8

// The ends of TCP.
const (
	// NoTCPEnd leaves flows to time: packets of a connection that come after its end, and a connection that follows on the
	// same ports, belong to the flow.
	NoTCPEnd TCPEnd = iota
	// FirstFIN and AtClose both end a flow before a SYN that opens another connection on the same ports.

	// FirstFIN ends a flow with the first FIN, which belongs to it. The other side's FIN and what else comes is a flow of its own.
	FirstFIN
	// AtClose ends a flow with a RST, or with the first packet without payload that follows a FIN of both sides (its ACK), or
	// before a SYN that follows a FIN of both sides. What comes late, without a SYN, is no flow of its own: see Late.
	AtClose
)

// Late says what becomes of packets without a SYN that come within Linger of TCP's end of their flow: repetitions of the
// last packets, the frames that a mirror port doubles, a RST after the close or many. Report.Late counts them.
type Late uint8

// What becomes of them.
const (
	LateJoins Late = iota // they belong to the flow that has ended
	LateApart             // they belong to no flow
)

// Size says what the size of a packet is.
type Size uint8

// The sizes.
const (
	Frame     Size = iota // the frame on the wire, as NFStream's accounting_mode 0
	IP                    // the IP packet, as 1
	Transport             // transport header and payload, as 2
	Payload               // the payload alone, as 3
)

// What zeros mean.
const (
	defaultIdle   = 120 * time.Second
	defaultActive = 1800 * time.Second
	defaultLinger = 60 * time.Second // how long Linux keeps a connection in TIME-WAIT
	defaultMost   = 1 << 19
)

// limits are rules in units, with no zeros.
type limits struct {
	Rules
	unit, idle, active int64
	linger             int64 // 0 for none
	back               int64 // how much older a packet may be than the last of its flow
	most               int
}

const never = 1<<63 - 1

func (r Rules) limits() (limits, error) {
	l := limits{Rules: r, unit: max(1, int64(r.Unit)), most: r.Most}
	switch {
	case r.Unit < 0:
		return l, fmt.Errorf("flow: a unit of %v", r.Unit)
	case r.Most < 0:
		return l, fmt.Errorf("flow: at most %d flows", r.Most)
	case r.TCP > AtClose:
		return l, fmt.Errorf("flow: no end of TCP %d", r.TCP)
	case r.Late > LateApart:
		return l, fmt.Errorf("flow: no rule %d for late packets", r.Late)
	case r.Size > Payload:
		return l, fmt.Errorf("flow: no size %d", r.Size)
	}
	if l.most == 0 {
		l.most = defaultMost
	}
	in := func(d, zero time.Duration) int64 {
		switch {
		case d == 0:
			d = zero
		case d < 0:
			return never
		}
		return max(1, int64(d)/l.unit)
	}
	l.idle, l.active = in(r.Idle, defaultIdle), in(r.Active, defaultActive)
	switch {
	case r.Linger > 0:
		l.linger = max(1, int64(r.Linger)/l.unit)
	case r.Linger == 0 && r.TCP == AtClose:
		l.linger = max(1, int64(defaultLinger)/l.unit)
	}
	l.back = min(l.idle, l.active)
	l.Unit = time.Duration(l.unit)
	return l, nil
}
