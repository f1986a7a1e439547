package clients

import "github.com/trafficlab/trafficlab/kernel/test/kerneltest"

// What our kernel is known not to pass yet.
var knownConsole = kerneltest.Known{}
