package flow

import (
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// shards is the number of tables into which flows are divided, so that several cores can work on
// them. It does not depend on the number of cores, since then the choice of flows to evict would.
const shards = 16

// A record is an open flow. It has no pointers, so the garbage collector skips it.
type record struct {
	key
	turned     bool // forward is from the higher address to the lower
	closed     bool // TCP has ended it, and it waits for late packets
	fin        [2]bool
	file       int32
	prev, next int32 // in a queue
	number     int64
	src, dst   [6]byte // of the first packet
	Summary
	closedAt int64 // the fields from here on are seldom used
	first    numbers
}

const (
	chunk = 1 << 10 // records are allocated so many at a time, and never move
	none  = -1
)

// A shard is a table of open flows.
type shard struct {
	*limits
	most       int
	clock      int64
	find       map[key]int32
	records    []*[chunk]record
	activities []*[chunk]Activity
	used       int32
	free       []int32
	live       queue // in the order of their last packets
	ended      queue // flows that TCP has ended, in that order
	report     Report
	emit       func(*Flow)
	flow       Flow       // passed to emit
	seen       PacketInfo // of the last packet; its Slot is that in this table
}

func newShard(l *limits, most int, emit func(*Flow)) *shard {
	return &shard{limits: l, most: most, clock: -never, find: map[key]int32{},
		live: queue{none, none}, ended: queue{none, none}, emit: emit}
}

func (s *shard) at(i int32) *record { return &s.records[i/chunk][i%chunk] }

func (s *shard) activity(i int32) *Activity { return &s.activities[i/chunk][i%chunk] }

// add adds a packet to its flow, and reports whether it belongs to one. It may change the time of
// p.
func (s *shard) add(p *packet) bool {
	if s.clock-p.time > s.back {
		s.clock = p.time // set back: it was wrong before, or is wrong now
	}
	s.tick(p.time)
	i, ok := s.find[p.key]
	if ok && s.at(i).closed {
		if s.late(i, p) {
			return s.Late == LateJoins
		}
		ok = false
	}
	s.report.Packets++
	if p.clipped {
		s.report.Clipped++
	}
	if !ok {
		i = s.open(p)
	}
	r := s.at(i)
	if ok {
		old := r.Last - p.time
		p.time = max(p.time, r.Last)
		turned := p.turned
		cut := true
		switch {
		case old > s.back:
			p.time -= old
			s.report.Back++
			s.give(i, Idle)
		case p.time-r.Last >= s.idle:
			s.give(i, Idle)
		case p.time-r.First >= s.active:
			s.give(i, Active)
			if s.KeepDirection {
				turned = r.turned
			}
		case s.TCP != NoTCPEnd && p.opens() && (s.TCP == AtClose && r.fin[0] && r.fin[1] || r.first.another(p)):
			s.give(i, Closed)
		default:
			cut = false
		}
		if cut {
			s.begin(i, p)
			r.turned = turned
		}
		s.live.remove(s, r)
	}
	s.live.add(s, i, r)
	s.count(i, r, p)
	closing := r.fin[0] && r.fin[1]
	if p.protocol == capture.TCP && s.TCP != NoTCPEnd && s.closed(r, p, closing) {
		s.close(i, r, p)
	}
	return true
}

// count adds a packet to the record of its flow.
func (s *shard) count(i int32, r *record, p *packet) {
	if p.opens() {
		s.opened(i, r, p)
	}
	forward := p.turned == r.turned
	s.seen = PacketInfo{Slot: int(i), New: r.Packets() == 0, Forward: forward, Position: r.Packets()}
	if !s.seen.New {
		s.seen.Since = time.Duration((p.time - r.Last) * s.unit)
	}
	if s.Activity {
		s.activity(i).add(p, r.Last, r.Packets() == 0, forward, s.unit)
	}
	r.add(p, forward)
}

// close ends a flow by TCP's end: at once, or when it has lingered for late packets.
func (s *shard) close(i int32, r *record, p *packet) {
	if s.linger == 0 {
		s.give(i, Closed)
		s.remove(i)
		return
	}
	s.live.remove(s, r)
	r.closed, r.closedAt = true, p.time
	s.ended.add(s, i, r)
}

// late handles a packet that comes after TCP's end of its flow, and reports whether it is a late
// one of that. A SYN, or a packet after the time to linger, ends the flow for good and begins
// another.
func (s *shard) late(i int32, p *packet) bool {
	r := s.at(i)
	if r.first.follows(p) || p.time-r.closedAt >= s.linger {
		s.give(i, Closed)
		s.remove(i)
		return false
	}
	s.report.Late++
	if s.Late == LateApart {
		return true
	}
	s.report.Packets++
	p.time = max(p.time, r.Last)
	s.count(i, r, p)
	return true
}

// closed reports whether TCP ends the flow with this packet. closing says that both sides have sent
// a FIN before it.
func (s *shard) closed(r *record, p *packet, closing bool) bool {
	fin := p.flags.Has(capture.FIN)
	if s.TCP == FirstFIN {
		return fin
	}
	if fin {
		side := 0
		if p.turned {
			side = 1
		}
		r.fin[side] = true
	}
	return p.flags.Has(capture.RST) || closing && !fin && !p.payload
}

// tick moves the clock forward and ends the flows whose time is over.
func (s *shard) tick(now int64) {
	if now <= s.clock {
		return
	}
	s.clock = now
	for s.ended.old != none && now-s.at(s.ended.old).closedAt >= s.linger {
		i := s.ended.old
		s.give(i, Closed)
		s.remove(i)
	}
	for s.live.old != none {
		i := s.live.old
		last := s.at(i).Last
		switch {
		case now-last >= s.idle:
			s.give(i, Idle)
		case now-last >= s.active:
			s.give(i, Active)
		default:
			return
		}
		s.remove(i)
	}
}

// open opens a flow for a packet.
func (s *shard) open(p *packet) int32 {
	if len(s.find) >= s.most {
		s.evict()
	}
	var i int32
	if n := len(s.free); n > 0 {
		i, s.free = s.free[n-1], s.free[:n-1]
	} else {
		i = s.used
		s.used++
		if int(i/chunk) == len(s.records) {
			s.records = append(s.records, new([chunk]record))
			if s.Activity {
				s.activities = append(s.activities, new([chunk]Activity))
			}
		}
	}
	s.find[p.key] = i
	s.report.Peak = max(s.report.Peak, int64(len(s.find)))
	s.begin(i, p)
	return i
}

// evict makes room: it ends a flow that TCP has closed or, without one, that which has been silent
// for longest.
func (s *shard) evict() {
	i, end := s.ended.old, Closed
	if i == none {
		i, end = s.live.old, Evicted
	}
	s.give(i, end)
	s.remove(i)
}

// begin makes record i that of a flow which begins with a packet, and leaves it in its queue.
func (s *shard) begin(i int32, p *packet) {
	r := s.at(i)
	*r = record{key: p.key, turned: p.turned, file: p.file, number: p.number, src: p.src, dst: p.dst,
		prev: r.prev, next: r.next}
	if p.protocol == capture.TCP {
		r.first = numbersOf(p)
	}
	r.Forward.Window, r.Backward.Window = -1, -1
	if s.Activity {
		*s.activity(i) = Activity{}
	}
}

// remove removes a flow from the table.
func (s *shard) remove(i int32) {
	r := s.at(i)
	delete(s.find, r.key)
	s.queueOf(r).remove(s, r)
	s.free = append(s.free, i)
}

// queueOf returns the queue that a flow is in.
func (s *shard) queueOf(r *record) *queue {
	if r.closed {
		return &s.ended
	}
	return &s.live
}

// give emits a flow.
func (s *shard) give(i int32, end End) {
	r := s.at(i)
	s.report.Flows++
	s.report.Ends[end]++
	f := &s.flow
	*f = Flow{Protocol: r.protocol, VLAN: r.vlan, OuterVLAN: r.outer,
		Tunnel: capture.Tunnel(r.tunnelKind), TunnelKey: r.tunnel, SrcMAC: r.src, DstMAC: r.dst,
		Number: r.number, File: int(r.file), Unit: s.Unit, End: end, Summary: r.Summary}
	f.Src, f.Dst, f.SrcPort, f.DstPort = address(r.low, r.version), address(r.high, r.version), r.lowPort, r.highPort
	if r.turned {
		f.Src, f.Dst, f.SrcPort, f.DstPort = f.Dst, f.Src, f.DstPort, f.SrcPort
	}
	if s.Activity {
		f.Activity = *s.activity(i)
	}
	s.emit(f)
}

// flush ends all flows.
func (s *shard) flush() {
	for s.ended.old != none {
		i := s.ended.old
		s.give(i, Closed)
		s.remove(i)
	}
	for s.live.old != none {
		i := s.live.old
		s.give(i, Flushed)
		s.remove(i)
	}
}
