package protocol

import (
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestTestbed runs the 27 checks of kernel-testbed.
func TestTestbed(t *testing.T) {
	ours, peer := both(t, "testbed.py")
	if len(ours) != 27 || len(peer) != 27 {
		t.Errorf("%d checks of ours and %d of GoNB, want 27", len(ours), len(peer))
	}
	kerneltest.Report(t, ours, knownTestbed)
	told(t, ours, peer)
}
