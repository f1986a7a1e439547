package protocol

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/kit"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

// TestTestbed goes through the 27 checks of kernel-testbed.
func TestTestbed(t *testing.T) {
	s := kit.Stand(t)
	peer := kit.Checks(t, s, 5*time.Minute, "testbed.py", probe.GoNB)
	ours := kit.Checks(t, s, 5*time.Minute, "testbed.py", probe.Ours)
	if len(ours) != 27 || len(peer) != 27 {
		t.Errorf("%d checks of ours and %d of GoNB, want 27", len(ours), len(peer))
	}
	kit.Report(t, ours, knownTestbed)
	told(t, ours, peer)
}
