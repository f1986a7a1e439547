package clients

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// The checks that our kernel does not pass yet.
var knownConsole = kerneltest.Known{}
