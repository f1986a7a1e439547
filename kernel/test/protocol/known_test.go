package protocol

import "github.com/trafficlab/trafficlab/kernel/internal/kit"

// What our kernel is known not to pass yet.
var (
	knownTestbed  = kit.Known{}
	knownSuite    = kit.Known{}
	knownContract = kit.Known{}
)
