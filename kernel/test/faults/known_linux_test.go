package faults

import "github.com/trafficlab/trafficlab/kernel/internal/kit"

// What our kernel is known not to pass yet.
var (
	knownWire       = kit.Known{}
	knownInterrupts = kit.Known{}
	knownKills      = kit.Known{}
	knownEnds       = kit.Known{}
)
