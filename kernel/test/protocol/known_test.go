package protocol

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// The checks that our kernel does not pass yet.
var (
	knownTestbed  = kerneltest.Known{}
	knownSuite    = kerneltest.Known{}
	knownContract = kerneltest.Known{}
)
