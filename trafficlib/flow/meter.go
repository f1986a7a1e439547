package flow

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A Meter makes flows out of packets that come one by one, in the order of time.
type Meter struct {
	limits limits
	shards []*shard
	left   int64

	fragments fragments
	ticked    int64
	packet    packet
}

// NewMeter returns a Meter that passes flows to emit as they end. A flow is valid until emit
// returns.
func NewMeter(r Rules, emit func(*Flow)) (*Meter, error) {
	l, err := r.limits()
	if err != nil {
		return nil, err
	}
	m := &Meter{limits: l}
	m.shards = m.limits.shards(func(int) func(*Flow) { return emit })
	return m, nil
}

// shards makes the tables among which the flows that may be open are divided.
func (l *limits) shards(emit func(shard int) func(*Flow)) []*shard {
	n := min(shards, l.most)
	all := make([]*shard, n)
	for i := range all {
		most := l.most / n
		if i < l.most%n {
			most++
		}
		all[i] = newShard(l, most, emit(i))
	}
	return all
}

// Add adds a packet, and reports whether it belongs to a flow.
func (m *Meter) Add(p *capture.Packet) bool {
	q := &m.packet
	if !q.set(p, &m.limits) {
		m.left++
		return false
	}
	if p.Kind == capture.Fragment || p.MoreFrag {
		first, waiting := m.fragments.add(p, q)
		for i := range waiting {
			m.shardOf(&waiting[i]).add(&waiting[i])
		}
		if !first {
			return false
		}
	}
	return m.shardOf(q).add(q)
}

func (m *Meter) shardOf(q *packet) *shard { return m.shards[q.hash()%uint64(len(m.shards))] }

// endFragments counts the fragments that have waited in vain.
func (m *Meter) endFragments() {
	m.left += m.fragments.end()
}

// Tick sets the time, so that flows end while no packets arrive.
func (m *Meter) Tick(now time.Time) {
	for _, s := range m.shards {
		s.tick(floor(now.UnixNano(), s.unit))
	}
}

// Close ends all flows that are open.
func (m *Meter) Close() {
	m.endFragments()
	for _, s := range m.shards {
		s.flush()
	}
}

// Report returns counts of the packets so far.
func (m *Meter) Report() Report {
	r := Report{Left: m.left + m.fragments.lost}
	for _, s := range m.shards {
		r.merge(s.report)
	}
	return r
}

// All returns the flows of packets as they end; those that are open when the packets end come last.
// A flow is valid until the next one. All panics if the rules are invalid.
func All(packets iter.Seq[*capture.Packet], r Rules) iter.Seq[*Flow] {
	return func(yield func(*Flow) bool) {
		more := true
		m, err := NewMeter(r, func(f *Flow) { more = more && yield(f) })
		if err != nil {
			panic(err)
		}
		for p := range packets {
			m.Add(p)
			// The clock may have been set back.
			if gap := p.Nanos - m.ticked; gap > int64(time.Second) || gap < -int64(time.Minute) {
				m.Tick(p.Time())
				m.ticked = p.Nanos
			}
			if !more {
				return
			}
		}
		m.Close()
	}
}

// A Report counts packets and flows.
type Report struct {
	Packets int64    // that belong to a flow
	Left    int64    // frames without a flow, but for those of LateApart
	Clipped int64    // of Packets, those before 1933 or after 2225, which count as of these years
	Back    int64    // of Packets, those that began another flow since they are much older than the last one of theirs
	Late    int64    // packets after TCP's end of their flow, see Rules.Late
	Flows   int64    // that have ended
	Ends    [5]int64 // of Flows, by their End
	Peak    int64    // the most flows that were open at once in each shard, summed
}

// Evicted returns how many flows ended because the table was full.
func (r Report) Evicted() int64 { return r.Ends[Evicted] }

func (r *Report) merge(o Report) {
	r.Packets += o.Packets
	r.Left += o.Left
	r.Late += o.Late
	r.Clipped += o.Clipped
	r.Back += o.Back
	r.Flows += o.Flows
	for i, n := range o.Ends {
		r.Ends[i] += n
	}
	r.Peak += o.Peak
}

// String returns the report in one line.
func (r Report) String() string {
	var ends []string
	for i, n := range r.Ends {
		if n > 0 {
			ends = append(ends, fmt.Sprintf("%d %v", n, End(i)))
		}
	}
	s := fmt.Sprintf("%d flows of %d packets", r.Flows, r.Packets)
	if len(ends) > 0 {
		s += ": " + strings.Join(ends, ", ")
	}
	if r.Late > 0 {
		s += fmt.Sprintf("; %d packets after TCP's end of their flow", r.Late)
	}
	if r.Clipped > 0 {
		s += fmt.Sprintf("; %d packets with times out of range", r.Clipped)
	}
	if r.Back > 0 {
		s += fmt.Sprintf("; %d packets after a clock was set back", r.Back)
	}
	if r.Left > 0 {
		s += fmt.Sprintf("; %d frames without a flow", r.Left)
	}
	return s
}
