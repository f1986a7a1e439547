package flow

import "github.com/trafficlab/trafficlab/trafficlib/capture"

// A Summary is what is kept of the packets of a flow. Times are whole numbers of Rules.Unit since 1970, UTC.
//
// Append joins the summaries of successive pieces of a flow into that of the whole, as if it had not been cut. It is
// associative and exact: pieces give the same whatever order they are joined in, as long as each is joined to what follows
// it. Merge sorts pieces first.
type Summary struct {
	First, Last       int64     // of either direction
	Gaps              Stats     // between successive packets, of whichever direction
	Forward, Backward Direction // Forward is that of the first packet, if the flow was not cut, see Rules.KeepDirection
}

// A Direction is the packets that one side sent.
type Direction struct {
	First, Last int64 // 0 with no packet
	Sizes       Stats // bytes of packets, of what Rules.Size says; N is the number of packets
	Gaps        Stats // between successive packets of this direction
	Data        int64 // packets with payload
	Headers     int64 // bytes of transport headers
	LeastHeader int32 // the smallest transport header
	Window      int32 // of the first packet, as in its TCP header; -1 for none
	Flags       [8]uint32
}

// flagBits are the flags that Direction.Flags counts, by their places: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR.
const flagBits = 8

// Packets gives how many there were in both directions.
func (s *Summary) Packets() int64 { return s.Forward.Sizes.N + s.Backward.Sizes.N }

// Bytes gives the sum of the sizes of packets.
func (s *Summary) Bytes() int64 { return s.Forward.Sizes.Sum + s.Backward.Sizes.Sum }

// Sizes gives the sizes of the packets of both directions.
func (s *Summary) Sizes() Stats {
	all := s.Forward.Sizes
	all.Merge(s.Backward.Sizes)
	return all
}

// Duration is the time between the first and the last packet.
func (s *Summary) Duration() int64 { return s.Last - s.First }

// Flag gives how many packets of both directions had a flag, one of capture.FIN to capture.CWR.
func (s *Summary) Flag(f capture.Flags) int64 { return s.Forward.Flag(f) + s.Backward.Flag(f) }

// Flag gives how many packets had a flag, one of capture.FIN to capture.CWR.
func (d *Direction) Flag(f capture.Flags) int64 {
	for i := range flagBits {
		if f == 1<<i {
			return int64(d.Flags[i])
		}
	}
	return 0
}

// Duration is the time between the first and the last packet.
func (d *Direction) Duration() int64 { return d.Last - d.First }

// add adds a packet, which is not before the last one.
func (s *Summary) add(p *packet, forward bool) {
	d := &s.Forward
	if !forward {
		d = &s.Backward
	}
	if s.Forward.Sizes.N+s.Backward.Sizes.N == 0 {
		s.First = p.time
	} else {
		s.Gaps.Add(p.time - s.Last)
	}
	s.Last = p.time
	d.add(p)
}

func (d *Direction) add(p *packet) {
	if d.Sizes.N == 0 {
		d.First, d.Window, d.LeastHeader = p.time, p.window, int32(p.header)
	} else {
		d.Gaps.Add(p.time - d.Last)
		d.LeastHeader = min(d.LeastHeader, int32(p.header))
	}
	d.Last = p.time
	d.Sizes.Add(int64(p.size))
	d.Headers += int64(p.header)
	if p.payload {
		d.Data++
	}
	if p.flags != 0 {
		for i := range flagBits {
			d.Flags[i] += uint32(p.flags>>i) & 1
		}
	}
}

// Append joins what follows. Of packets of the same time, or if the pieces overlap in time, as those of two places of
// capture may, the gap between them counts as 0.
func (s *Summary) Append(next Summary) {
	switch {
	case next.Packets() == 0:
		return
	case s.Packets() == 0:
		*s = next
		return
	}
	s.Gaps.Add(max(0, next.First-s.Last))
	s.Gaps.Merge(next.Gaps)
	s.First, s.Last = min(s.First, next.First), max(s.Last, next.Last)
	s.Forward.join(&next.Forward)
	s.Backward.join(&next.Backward)
}

func (d *Direction) join(next *Direction) {
	switch {
	case next.Sizes.N == 0:
		return
	case d.Sizes.N == 0:
		*d = *next
		return
	}
	d.Gaps.Add(max(0, next.First-d.Last))
	d.Gaps.Merge(next.Gaps)
	d.First, d.Last = min(d.First, next.First), max(d.Last, next.Last)
	d.Sizes.Merge(next.Sizes)
	d.Data += next.Data
	d.Headers += next.Headers
	d.LeastHeader = min(d.LeastHeader, next.LeastHeader)
	for i, n := range next.Flags {
		d.Flags[i] += n
	}
}

// Turn gives the summary seen from the other side.
func (s Summary) Turn() Summary {
	s.Forward, s.Backward = s.Backward, s.Forward
	return s
}
