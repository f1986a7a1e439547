package clients

import "github.com/trafficlab/trafficlab/kernel/test/internal/kerneltest"

// What our kernel is known not to pass yet.
var knownConsole = kerneltest.Known{}
