package protocol

import "github.com/trafficlab/trafficlab/kernel/internal/kit"

// What our kernel is known not to pass yet.
var (
	knownTestbed = kit.Known{}
	knownSuite   = kit.Known{
		"test_clear_output": "there is no way yet for a cell to clear its output",
	}
	knownContract = kit.Known{}
)
