package flow

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A connection whose answer arrives before its SYN has the direction of the SYN in all its counts.
func TestDirectionOfSYN(t *testing.T) {
	const S, A = capture.SYN, capture.ACK
	numbered := func(p *capture.Packet, seq, ack uint32) *capture.Packet {
		p.Seq, p.Ack = seq, ack
		return p
	}
	r := Rules{Unit: time.Millisecond, Activity: true}
	right := flows(t, r, numbered(tcp(0, true, S, 0), 99, 0), numbered(tcp(1, false, S|A, 0), 7, 100),
		numbered(tcp(2, true, A, 5), 100, 8), tcp(3, false, A, 9))
	for name, packets := range map[string][]*capture.Packet{
		"the answer first": {numbered(tcp(0, false, S|A, 0), 7, 100), numbered(tcp(1, true, S, 0), 99, 0),
			numbered(tcp(2, true, A, 5), 100, 8), tcp(3, false, A, 9)},
		"data before the SYN": {numbered(tcp(0, false, A, 9), 8, 105), numbered(tcp(1, true, S, 0), 99, 0),
			numbered(tcp(2, true, A, 5), 100, 8), numbered(tcp(3, false, S|A, 0), 7, 100)},
		"the numbers go around": {numbered(tcp(0, false, S|A, 0), 7, 0), numbered(tcp(1, true, S, 0), 1<<32-1, 0),
			tcp(2, true, A, 5), tcp(3, false, A, 9)},
	} {
		got := flows(t, r, packets...)
		if len(got) != 1 || got[0].Src != client || got[0].SrcPort != 50000 ||
			got[0].Forward.Sizes.Sum != right[0].Forward.Sizes.Sum || got[0].Backward.Data != 1 {
			t.Errorf("%s: %d flows, from %v:%d, %+v", name, len(got), got[0].Src, got[0].SrcPort, got[0].Summary)
		}
		if forward, ok := got[0].Has(packets[0]); forward || !ok {
			t.Errorf("%s: the first packet is forward", name)
		}
	}
	// A SYN of another connection does not change the direction.
	for name, packets := range map[string][]*capture.Packet{
		"far numbers": {numbered(tcp(0, false, A, 9), 8, 105), numbered(tcp(1, true, S, 0), 1<<30, 0)},
		"no answer":   {numbered(tcp(0, false, S, 0), 7, 0), numbered(tcp(1, true, S, 0), 99, 0)},
		"no number":   {tcp(0, false, 0, 9), numbered(tcp(1, true, S, 0), 1<<32-1, 0)},
	} {
		if got := flows(t, r, packets...); got[0].Src != server {
			t.Errorf("%s: from %v", name, got[0].Src)
		}
	}
}
