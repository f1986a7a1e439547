package stream

import (
	"math"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
)

// Features are the numbers that a model sees of a packet.
type Features struct {
	Names []string
	// Put fills a row of as many numbers, which are zero before. It may use nothing but the packet
	// and what was seen of its flow so far, so that a model learns from what it will see.
	Put func(row []float32, p *capture.Packet, seen flow.PacketInfo)
}

// Packets are features of any IP packet, from 0 to 1:
//
//	forward                  1 from the side that sent the first packet
//	length, payload          log₂(1+n)/16 of the bytes of the frame and of the payload, at most 1
//	interval                 log₁₀(1+µs)/8 since the packet of the flow before, at most 1 (100 s)
//	tcp, udp                 the protocol
//	fin, syn, rst, psh, ack  flags of TCP
//	window                   log₂(1+n)/16 of the window of TCP
var Packets = Features{
	Names: []string{"forward", "length", "payload", "interval", "tcp", "udp", "fin", "syn", "rst", "psh", "ack",
		"window"},
	Put: func(row []float32, p *capture.Packet, seen flow.PacketInfo) {
		row[0] = flag(seen.Forward)
		row[1], row[2] = size(p.Length), size(p.Payload)
		row[3] = float32(min(1, math.Log10(1+float64(seen.Since.Microseconds()))/8))
		row[5] = flag(p.Protocol == capture.UDP)
		if p.Protocol == capture.TCP {
			row[4] = 1
			for i, f := range []capture.Flags{capture.FIN, capture.SYN, capture.RST, capture.PSH, capture.ACK} {
				row[6+i] = flag(p.Flags.Has(f))
			}
			row[11] = size(int(p.Window))
		}
	},
}

func size(n int) float32 { return float32(min(1, math.Log2(1+float64(n))/16)) }

func flag(b bool) float32 {
	if b {
		return 1
	}
	return 0
}
