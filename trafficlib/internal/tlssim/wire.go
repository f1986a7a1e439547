package tlssim

import (
	"math"
	"math/rand/v2"

	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
)

const (
	fromClient = 0
	fromServer = 1
)

// record is a TLS record: its size on the wire with its header, and a function that sets its
// features in the packet in which it ends. If several end in one packet their lengths add up.
type record struct {
	size int
	note func(*Packet)
}

// wire is a TCP connection as captured at the client.
type wire struct {
	rng  *rand.Rand
	c    client
	s    server
	v    version
	rows []Packet

	clientWindow int
	congestion   int     // congestion window of the server in segments
	ahead        float64 // milliseconds by which the previous packet was stamped too early
}

// Columns of TCP flags.
const (
	ack = tlsfeat.Flags + 4
	psh = tlsfeat.Flags + 5
	rst = tlsfeat.Flags + 6
	syn = tlsfeat.Flags + 7
	fin = tlsfeat.Flags + 8
)

// packet appends a packet with payload bytes, wait milliseconds after the previous one.
func (w *wire) packet(from, payload int, wait float64, set ...int) *Packet {
	var p Packet
	p[tlsfeat.Protocol] = 1
	p[tlsfeat.Come] = float64(from)
	size := 14 + 20 + 20 + payload // Ethernet, IP, TCP
	if w.c.timestamps {
		size += 12
	}
	for _, f := range set {
		p[f] = 1
	}
	if p[syn] == 1 && w.c.timestamps {
		size += 8 // MSS, window scale and SACK permitted, which share the padding with the timestamps
	} else if p[syn] == 1 {
		size += 12
	}
	if from == fromServer {
		size = max(size, 60) // padded on the wire; packets of the client are captured before that
		p[tlsfeat.Window] = float64(w.s.window)
	} else {
		p[tlsfeat.Window] = float64(w.clientWindow)
	}
	p[tlsfeat.Length] = float64(size)
	if len(w.rows) > 0 {
		// A packet that the host sends is sometimes stamped before the one that it responds to.
		early := 0.0
		if from == fromClient && wait < 1 && w.rng.Float64() < 0.008 {
			early = wait + logNormal(w.rng, 0.3, 1)
		}
		p[tlsfeat.Interval] = math.Round((wait-early+w.ahead)*1e3) / 1e3
		w.ahead = early
	}
	w.rows = append(w.rows, p)
	return &w.rows[len(w.rows)-1]
}

// soon returns the time in which a host reacts without the network.
func (w *wire) soon() float64 { return logNormal(w.rng, 0.035, 0.5) }

// trip returns the time of a round trip and of the work of the other side.
func (w *wire) trip(work float64) float64 {
	return w.s.rtt*(1+0.08*w.rng.ExpFloat64()) + logNormal(w.rng, work, 0.6)
}

// open is the TCP handshake.
func (w *wire) open() {
	w.clientWindow, w.congestion = w.c.window, 10
	w.packet(fromClient, 0, 0, syn)
	w.packet(fromServer, 0, w.trip(0.1), syn, ack)
	w.packet(fromClient, 0, w.soon(), ack)
}

// send sends records in segments of the MSS, the first packet after wait milliseconds. The receiver
// acknowledges them, except the last ones if answered is set, which the response that follows at
// once acknowledges.
func (w *wire) send(from int, wait float64, answered bool, records ...record) {
	left := 0
	for _, r := range records {
		left += r.size
	}
	segment := w.s.mss
	if w.c.timestamps {
		segment -= 12
	}
	next, ends := 0, records[0].size // the current record and the bytes left of it
	flown, silent := 0, 0            // segments of this flight, and those not yet acknowledged
	for left > 0 {
		segments := 1
		for from == fromServer && segments < 4 && left > segments*segment && w.rng.Float64() < w.s.merge {
			segments++
		}
		size := min(left, segments*segment)
		left -= size
		if flown += segments; from == fromServer && flown > w.congestion {
			wait = w.trip(0.1)
			flown, w.congestion = 0, min(2*w.congestion, 64)
		}
		p := w.packet(from, size, wait, ack)
		if left == 0 || w.rng.Float64() < 0.15 {
			p[psh] = 1
		}
		for ends -= size; ends <= 0 && next < len(records); {
			p[tlsfeat.Protocol], p[tlsfeat.Protocol+int(w.v)] = 0, 1
			p[psh] = 1
			if note := records[next].note; note != nil {
				note(p)
			}
			if next++; next < len(records) {
				ends += records[next].size
			}
		}
		wait = logNormal(w.rng, 0.12, 1.1)
		if from == fromServer {
			w.clientWindow = min(w.clientWindow+2*size, w.c.windowMax)
		}
		// Every second segment is acknowledged, and the last one at once or by the response.
		if silent += segments; silent >= 2 && left > 0 || left == 0 && !answered {
			w.acknowledge(from, silent)
			silent = 0
		}
	}
}

// acknowledge appends an acknowledgment without data by the receiver.
func (w *wire) acknowledge(from, segments int) {
	switch {
	case from == fromClient:
		w.packet(fromServer, 0, w.trip(0.05), ack)
	case segments == 1 && w.rng.Float64() < 0.3:
		w.packet(fromClient, 0, 40+logNormal(w.rng, 1, 0.5), ack) // the timer of delayed acknowledgments
	default:
		w.packet(fromClient, 0, w.soon(), ack)
	}
}

// close ends the connection: with FIN from both sides, or with RST.
func (w *wire) close() {
	first, wait := fromClient, logNormal(w.rng, 4, 1.5)
	if w.s.closes {
		first, wait = fromServer, w.trip(3)
	}
	kind := w.rng.Float64()
	if kind < 0.7 { // a close_notify first: an alert, which has no column
		w.send(first, wait, true, record{size: 5 + 2 + 24})
		wait = w.soon()
	}
	if kind > 0.9 {
		w.packet(first, 0, wait, rst, ack)
		return
	}
	w.packet(first, 0, wait, fin, ack)
	other := func() float64 {
		if first == fromClient {
			return w.trip(0.2)
		}
		return w.soon()
	}
	if w.rng.Float64() < 0.3 {
		w.packet(1-first, 0, other(), ack)
		w.packet(1-first, 0, w.soon(), fin, ack)
	} else {
		w.packet(1-first, 0, other(), fin, ack)
	}
	if first == fromClient {
		w.packet(first, 0, w.soon(), ack)
	} else {
		w.packet(first, 0, w.trip(0.1), ack)
	}
}

func logNormal(rng *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*rng.NormFloat64())
}

func clip(x, lo, hi float64) float64 { return min(max(x, lo), hi) }

func pick[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }
