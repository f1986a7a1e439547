package tlsfeat

import "slices"

// Limits on segments that came early, in each direction.
const (
	mostHeld      = 1 << 20 // bytes
	mostSegments  = 256
	acknowledging = 3 // how often the other side must acknowledge missing bytes until they are given up
)

// A stream puts the segments of one direction in order.
type stream struct {
	records records
	next    uint32 // sequence number of the next byte
	known   bool
	held    []segment // by sequence number
	bytes   int       // held
	missed  int       // acknowledgments of missing bytes
	gaps    int
	scale   uint8 // shift of the window
	scaled  bool
	syn     bool
	isn     uint32 // of the SYN
	fin     bool
	end     uint32 // the sequence number of the FIN
}

// A segment waits for those before it. It has a copy of the bytes.
type segment struct {
	seq  uint32
	body []byte
	lost int // bytes after body that the capture cut off
	row  int // of its packet
}

// opened records the sequence number of a SYN.
func (s *stream) opened(seq uint32) {
	s.syn, s.isn = true, seq
	if !s.known {
		s.next, s.known = seq+1, true
	}
}

// segment takes a segment: the captured bytes, and their number on the wire.
func (s *stream) segment(to sink, seq uint32, body []byte, length, row int) {
	if !s.known {
		s.next, s.known = seq, true
		s.records.middle = !s.syn
	}
	if s.missed >= acknowledging {
		s.giveUp(to)
	}
	switch ahead := int32(seq - s.next); {
	case ahead <= 0:
		s.deliver(to, seq, body, length-len(body))
		s.drain(to, false)
	default:
		s.hold(segment{seq, slices.Clone(body), length - len(body), row})
		if s.bytes > mostHeld || len(s.held) > mostSegments {
			s.giveUp(to)
		}
	}
}

// deliver reads the new bytes of a segment that does not begin after next.
func (s *stream) deliver(to sink, seq uint32, body []byte, lost int) {
	known := int(s.next - seq)
	if known >= len(body)+lost {
		return
	}
	begins := known == 0
	if known > len(body) {
		body, lost = nil, lost-(known-len(body))
	} else {
		body = body[known:]
	}
	if len(body) > 0 {
		s.records.feed(to, body, begins)
	}
	if lost > 0 {
		s.records.gap(to, lost)
	}
	s.next += uint32(len(body) + lost)
}

// drain reads the waiting segments, as far as nothing is missing: in the packet that brought the
// missing bytes, or, if none did, each in its own.
func (s *stream) drain(to sink, own bool) {
	n := 0
	for _, h := range s.held {
		if int32(h.seq-s.next) > 0 {
			break
		}
		if own {
			to.turn(h.row)
		}
		s.deliver(to, h.seq, h.body, h.lost)
		s.bytes -= len(h.body)
		n++
	}
	if n > 0 {
		s.held = slices.Delete(s.held, 0, n)
		s.missed = 0
	}
}

func (s *stream) hold(h segment) {
	at, found := slices.BinarySearchFunc(s.held, h.seq, func(a segment, seq uint32) int {
		return int(int32(a.seq - seq))
	})
	if found && len(s.held[at].body)+s.held[at].lost >= len(h.body)+h.lost {
		return // it came twice
	}
	s.held = slices.Insert(s.held, at, h)
	s.bytes += len(h.body)
}

// giveUp skips the bytes missing before the first waiting segment.
func (s *stream) giveUp(to sink) {
	s.missed = 0
	if len(s.held) == 0 {
		return
	}
	s.gaps++
	first := s.held[0].seq
	s.records.gap(to, int(first-s.next))
	s.next = first
	s.drain(to, true)
	to.turn(thisPacket)
}

// finish reads the waiting segments when the connection has ended: missing bytes will not come.
func (s *stream) finish(to sink) {
	for len(s.held) > 0 {
		s.giveUp(to)
	}
	if s.fin && s.known && int32(s.end-s.next) > 0 {
		s.gaps++
	}
}

// acknowledged records an acknowledgment by the other side.
func (s *stream) acknowledged(ack uint32) {
	if len(s.held) > 0 && int32(ack-s.next) > 0 {
		s.missed++
	}
}
