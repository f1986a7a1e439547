package faults

import "github.com/trafficlab/trafficlab/kernel/internal/kit"

// What our kernel is known not to pass yet.
var (
	knownWire       = kit.Known{}
	knownInterrupts = kit.Known{}
	knownKills      = kit.Known{
		"GoNB is killed in a cell": "the cell's reply waits for its program, which nobody stops",
		"the compiler is killed":   "the error is GoNB's line with the name of its folder",
	}
	knownEnds = kit.Known{
		"the watcher is killed, then shutdown": "the folder for temporary files stays",
	}
)
