package flow

import (
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Seen is what a Meter knows of a packet's flow. Package stream keeps the state of a model for each Place.
type PacketInfo struct {
	Slot     int           // of the flow in the table, from 0; no two open flows have the same, and it is below Meter.Places
	New      bool          // the packet is the first of its flow: whatever had the place before has ended
	Forward  bool          // sent by the side that Flow.Src will be
	Position int64         // of the packet in its flow, from 0
	Since    time.Duration // since the packet of the flow before it, whole units; 0 of the first
}

// Track adds a packet as Add does, and tells of its flow; ok is false for one without a flow, or late and apart. A fragment
// that comes before the first of its datagram belongs to a flow as soon as that comes, and is not tracked.
func (m *Meter) Track(p *capture.Packet) (seen PacketInfo, ok bool) {
	if !m.Add(p) {
		return seen, false
	}
	k := int(m.packet.hash() % uint64(len(m.shards)))
	s := m.shards[k]
	seen = s.seen
	seen.Slot = seen.Slot*len(m.shards) + k
	return seen, true
}

// Places is above all places that flows can have.
func (m *Meter) Slots() int { return (m.limits.most/len(m.shards) + 1) * len(m.shards) }
