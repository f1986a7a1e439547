package flow

import "github.com/trafficlab/trafficlab/trafficlib/capture"

// numbers are what a flow keeps of the numbers of a TCP connection: those of its first packet, until there is a SYN.
type numbers struct {
	seq, ack uint32
	acks     bool // ack is one
	syn      bool // seq is that of a SYN
	turned   bool // sent by the higher one
}

// near is how far numbers of one connection may be from its SYN, where that comes behind other packets.
const near = 1 << 20

// opens reports whether a packet is a SYN that opens a connection.
func (q *packet) opens() bool { return q.flags&(capture.SYN|capture.ACK) == capture.SYN }

func numbersOf(q *packet) numbers {
	return numbers{seq: q.seq, ack: q.ack, acks: q.flags.Has(capture.ACK), syn: q.opens(), turned: q.turned}
}

// another reports whether a SYN opens another connection than that of the flow: from the side of the flow's SYN one with
// another number, and in a flow without a SYN one that what came before does not follow.
func (n *numbers) another(q *packet) bool {
	switch {
	case n.syn:
		return q.turned == n.turned && q.seq != n.seq
	case q.turned == n.turned:
		return n.seq-q.seq >= near
	}
	return n.acks && n.ack-(q.seq+1) >= near
}

// follows reports whether a packet that comes after the end of a flow belongs to a connection that follows on the same
// ports: a SYN, and the answer to another SYN than the flow's.
func (n *numbers) follows(q *packet) bool {
	answer := q.flags&(capture.SYN|capture.ACK) == capture.SYN|capture.ACK
	return q.opens() || answer && n.syn && q.turned != n.turned && q.ack != n.seq+1
}

// answers reports whether the flow's first packet answers a SYN that comes behind it, as where a capture has them in the
// wrong order.
func (n *numbers) answers(q *packet) bool {
	return !n.syn && n.acks && q.turned != n.turned && n.ack-(q.seq+1) < near
}

// opened takes a SYN. The flow turns round when it comes behind its answer: who opened the connection is the source.
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
