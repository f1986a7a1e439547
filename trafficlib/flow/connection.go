package flow

import "github.com/trafficlab/trafficlab/trafficlib/capture"

// numbers are the sequence numbers that identify a TCP connection: those of its SYN or, until there
// is one, of its first packet.
type numbers struct {
	seq, ack uint32
	acks     bool // ack is valid
	syn      bool // seq is that of a SYN
	turned   bool // sent by the higher address
}

// near is how far the numbers of a connection may be from its SYN, if that comes behind other
// packets.
const near = 1 << 20

// opens reports whether a packet is a SYN that opens a connection.
func (q *packet) opens() bool { return q.flags&(capture.SYN|capture.ACK) == capture.SYN }

func numbersOf(q *packet) numbers {
	return numbers{seq: q.seq, ack: q.ack, acks: q.flags.Has(capture.ACK), syn: q.opens(), turned: q.turned}
}

// another reports whether a SYN opens another connection than that of the flow. It does if it comes
// from the side of the flow's SYN with another number, and in a flow without a SYN if its number is
// not near those that came before.
func (n *numbers) another(q *packet) bool {
	switch {
	case n.syn:
		return q.turned == n.turned && q.seq != n.seq
	case q.turned == n.turned:
		return n.seq-q.seq >= near
	}
	return n.acks && n.ack-(q.seq+1) >= near
}

// follows reports whether a packet that comes after the end of a flow belongs to the next
// connection on the same ports: it is a SYN, or the answer to another SYN than the flow's.
func (n *numbers) follows(q *packet) bool {
	answer := q.flags&(capture.SYN|capture.ACK) == capture.SYN|capture.ACK
	return q.opens() || answer && n.syn && q.turned != n.turned && q.ack != n.seq+1
}

// answers reports whether the flow's first packet answers a SYN that comes behind it, as in
// captures that have them in the wrong order.
func (n *numbers) answers(q *packet) bool {
	return !n.syn && n.acks && q.turned != n.turned && n.ack-(q.seq+1) < near
}

// opened handles a SYN. If it comes behind its answer the flow turns round: the source is who
// opened the connection.
func (s *shard) opened(i int32, r *record, p *packet) {
	if r.first.answers(p) && p.turned != r.turned {
		r.turned = p.turned
		r.src, r.dst = r.dst, r.src
		r.Summary = r.Turn()
		if s.Activity {
			a := s.activity(i)
			a.Forward, a.Backward = a.Backward, a.Forward
		}
	}
	if !r.first.syn {
		r.first = numbersOf(p)
	}
}
