package protocol

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// What our kernel is known not to pass yet.
var (
	knownTestbed  = kerneltest.Known{}
	knownSuite    = kerneltest.Known{}
	knownContract = kerneltest.Known{}
)
