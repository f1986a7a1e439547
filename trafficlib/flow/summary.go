package flow

import "github.com/trafficlab/trafficlab/trafficlib/capture"

// A Summary is what a flow records of its packets. Times are multiples of Rules.Unit since 1970,
// UTC.
//
// Append joins the summaries of successive pieces of a flow into that of the whole, as if it had
// not been cut. It is associative and exact: the result is the same however neighboring pieces are
// joined. Merge sorts pieces first.
type Summary struct {
	First, Last       int64     // of either direction
	Gaps              Stats     // between successive packets of either direction
	Forward, Backward Direction // Forward is that of the first packet, unless the flow was cut, see Rules.KeepDirection
}

// A Direction summarizes the packets of one side.
type Direction struct {
	First, Last int64 // 0 without packets
	Sizes       Stats // in bytes, see Rules.Size; N is the number of packets
	Gaps        Stats // between successive packets of this direction
	Data        int64 // packets with payload
	Headers     int64 // bytes of transport headers
	LeastHeader int32 // the smallest transport header
	Window      int32 // of the first packet, as in its TCP header; -1 for none
	Flags       [8]uint32
}

// flagBits is the number of flags that Direction.Flags counts: FIN, SYN, RST, PSH, ACK, URG, ECE,
// CWR.
const flagBits = 8

// Packets returns the number of packets in both directions.
func (s *Summary) Packets() int64 { return s.Forward.Sizes.N + s.Backward.Sizes.N }

// Bytes returns the sum of the sizes of packets.
func (s *Summary) Bytes() int64 { return s.Forward.Sizes.Sum + s.Backward.Sizes.Sum }

// Sizes returns the sizes of the packets of both directions.
func (s *Summary) Sizes() Stats {
	all := s.Forward.Sizes
	all.Merge(s.Backward.Sizes)
	return all
}

// Duration returns the time from the first to the last packet.
func (s *Summary) Duration() int64 { return s.Last - s.First }

// Flag returns how many packets of both directions have a flag, one of capture.FIN to capture.CWR.
func (s *Summary) Flag(f capture.Flags) int64 { return s.Forward.Flag(f) + s.Backward.Flag(f) }

// Flag returns how many packets have a flag, one of capture.FIN to capture.CWR.
func (d *Direction) Flag(f capture.Flags) int64 {
	for i := range flagBits {
		if f == 1<<i {
			return int64(d.Flags[i])
		}
	}
	return 0
}

// Duration returns the time from the first to the last packet.
func (d *Direction) Duration() int64 { return d.Last - d.First }

// add adds a packet, which must not be older than the last one.
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

// Append joins the piece that follows. If the pieces overlap in time, as those of two captures may,
// the gap between them counts as 0.
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

// Turn returns the summary as the other side sees it.
func (s Summary) Turn() Summary {
	s.Forward, s.Backward = s.Backward, s.Forward
	return s
}
