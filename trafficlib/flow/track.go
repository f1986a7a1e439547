package flow

import (
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// PacketInfo is what a Meter knows about the flow of a packet. Package stream keeps the state of a
// model for each Slot.
type PacketInfo struct {
	Slot     int           // of the flow, from 0 to Meter.Slots()-1; no two open flows have the same
	New      bool          // the packet is the first of its flow; the flow that had the slot before has ended
	Forward  bool          // sent by the side that Flow.Src will name
	Position int64         // of the packet in its flow, from 0
	Since    time.Duration // since the previous packet of the flow, in whole units; 0 for the first
}

// Track adds a packet as Add does, and describes its flow; ok is false for a packet without a flow,
// or with LateApart for a late one. A fragment that comes before the first of its datagram is not
// tracked, although it joins a flow when that comes.
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

// Slots returns an upper bound for PacketInfo.Slot.
func (m *Meter) Slots() int { return (m.limits.most/len(m.shards) + 1) * len(m.shards) }
