package flow

// Activity is what CICFlowMeter's columns need beyond a Summary: how packets follow each other.
type Activity struct {
	Subflows int64 // runs of packets with at most a second between neighbors
	Idle     Stats // the times of more than five seconds without packets
	Active   Stats // the times between those, from the first to the last packet, if it is longer than 0
	Forward  Bulks
	Backward Bulks

	since int64 // when the current active time began
}

// Bulks are runs of four or more packets with payload in one direction, without any of the other
// direction between them and with at most a second between neighbors.
type Bulks struct {
	Count, Packets, Bytes int64
	Duration              int64 // from the first to the last packet of each, summed

	run, size    int64 // packets and bytes of a run that may become one
	start, since int64 // its first and last packet
}

// The limits of the published program, in nanoseconds.
const (
	subflowGap = 1e9
	idleGap    = 5e9
	bulkGap    = 1e9
	leastBulk  = 4
)

// add adds a packet, given the time of the previous one; begin says that there is none.
func (a *Activity) add(p *packet, before int64, begin, forward bool, unit int64) {
	gap := p.time - before
	switch {
	case begin:
		a.Subflows, a.since = 1, p.time
	case gap > int64(idleGap)/unit:
		if before > a.since {
			a.Active.Add(before - a.since)
		}
		a.Idle.Add(gap)
		a.since = p.time
	}
	if !begin && gap > int64(subflowGap)/unit {
		a.Subflows++
	}
	if !p.payload {
		return
	}
	mine, others := &a.Forward, &a.Backward
	if !forward {
		mine, others = others, mine
	}
	others.run = 0
	mine.add(p, int64(bulkGap)/unit)
}

func (b *Bulks) add(p *packet, gap int64) {
	size := int64(p.data)
	if b.run == 0 || p.time-b.since > gap {
		b.run, b.size, b.start, b.since = 1, size, p.time, p.time
		return
	}
	b.run++
	b.size += size
	switch {
	case b.run == leastBulk:
		b.Count++
		b.Packets += b.run
		b.Bytes += b.size
		b.Duration += p.time - b.start
	case b.run > leastBulk:
		b.Packets++
		b.Bytes += size
		b.Duration += p.time - b.since
	}
	b.since = p.time
}
