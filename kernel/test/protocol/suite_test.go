package protocol

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/kit"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

// TestSuite goes through all that jupyter_kernel_test asks, with nothing skipped.
func TestSuite(t *testing.T) {
	s := kit.Stand(t)
	peer := kit.Checks(t, s, 5*time.Minute, "suite.py", probe.GoNB)
	ours := kit.Checks(t, s, 5*time.Minute, "suite.py", probe.Ours)
	if len(ours) != 14 || len(peer) != 14 {
		t.Errorf("%d checks of ours and %d of GoNB, want 14", len(ours), len(peer))
	}
	kit.Report(t, ours, knownSuite)
	told(t, ours, peer)
}

// told prints what GoNB fails, and both scores.
func told(t *testing.T, ours, peer []kit.Check) {
	t.Helper()
	for _, c := range peer {
		if !c.OK {
			t.Logf("GoNB alone: %s: %s", c.Name, c.Words)
		}
	}
	t.Logf("ours passes %d of %d, GoNB alone %d", kit.Score(ours), len(ours), kit.Score(peer))
}
