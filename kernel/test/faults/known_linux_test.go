package faults

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// The checks that our kernel does not pass yet.
var (
	knownWire       = kerneltest.Known{}
	knownInterrupts = kerneltest.Known{}
	knownKills      = kerneltest.Known{}
	knownEnds       = kerneltest.Known{}
)
