package faults

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// What our kernel is known not to pass yet.
var (
	knownWire       = kerneltest.Known{}
	knownInterrupts = kerneltest.Known{}
	knownKills      = kerneltest.Known{}
	knownEnds       = kerneltest.Known{}
)
