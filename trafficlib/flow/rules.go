package flow

import (
	"fmt"
	"time"
)

// Rules say what a flow is. The zero value has NFStream's rules, and times in nanoseconds.
type Rules struct {
	Idle time.Duration // a flow ends after so long without packets; 0 means 120 s, less never
	// A packet that comes Active or longer after the first one begins a new flow. 0 means 1800 s,
	// less means never.
	Active        time.Duration
	TCP           TCPEnd
	Linger        time.Duration // see Late; 0 means 60 s with AtClose and none with FirstFIN, less means none
	Late          Late          // what becomes of packets after TCP's end
	KeepDirection bool          // a flow that Active cut off keeps the direction of the flow that it continues
	Size          Size          // what counts as the size of a packet
	Unit          time.Duration // times are rounded down to multiples of it; 0 means 1 ns
	Most          int           // flows open at once; 0 means 524288, up to half a gigabyte
	Activity      bool          // record bulks, subflows and idle times, for CICFlowMeter's columns
}

// TCPEnd says when TCP itself ends a flow.
type TCPEnd uint8

// The ends of TCP.
const (
	// NoTCPEnd leaves flows to time: packets that come after the end of their connection, and a
	// next connection on the same ports, belong to the flow.
	NoTCPEnd TCPEnd = iota
	// FirstFIN and AtClose both end a flow before a SYN that opens another connection on the same
	// ports.

	// FirstFIN ends a flow with the first FIN, which belongs to it. The other side's FIN and all
	// that follows make a flow of their own.
	FirstFIN
	// AtClose ends a flow with a RST, with the first packet without payload that follows the FINs
	// of both sides (their ACK), or before a SYN that follows them. Late packets without a SYN make
	// no flow of their own: see Late.
	AtClose
)

// Late says what becomes of packets without a SYN that come within Linger of TCP's end of their
// flow: retransmissions, frames that a mirror port doubles, one RST after the close or many.
// Report.Late counts them.
type Late uint8

// What becomes of them.
const (
	LateJoins Late = iota // they belong to the flow that has ended
	LateApart             // they belong to no flow
)

// Size says what counts as the size of a packet.
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

// limits are rules in units, without zeros.
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
