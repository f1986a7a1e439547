package protocol

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestSuite runs all checks of jupyter_kernel_test, skipping none.
func TestSuite(t *testing.T) {
	// seconds: longer than its first completion takes, and some requests it never answers
	ours, peer := both(t, "suite.py", "18")
	if len(ours) != 13 || len(peer) != 13 {
		t.Errorf("%d checks of ours and %d of GoNB, want 13", len(ours), len(peer))
	}
	kerneltest.Report(t, ours, knownSuite)
	told(t, ours, peer)
}

// both runs a program's checks on our kernel and on GoNB alone. They run at the same time, in
// separate sandboxes, because GoNB mostly waits.
func both(t *testing.T, program string, peersArgs ...string) (ours, peer []kerneltest.Check) {
	t.Helper()
	own, other := kerneltest.Sandbox(t), kerneltest.Sandbox(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		peer = kerneltest.Checks(t, other, 5*time.Minute, program, append([]string{client.GoNB}, peersArgs...)...)
	}()
	ours = kerneltest.Checks(t, own, 5*time.Minute, program, client.Ours)
	<-done
	if left := own.Leftovers(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	return ours, peer
}

// told logs what GoNB fails, and both scores.
func told(t *testing.T, ours, peer []kerneltest.Check) {
	t.Helper()
	for _, c := range peer {
		if !c.OK {
			t.Logf("GoNB alone: %s: %s", c.Name, c.Words)
		}
	}
	t.Logf("ours passes %d of %d, GoNB alone %d", kerneltest.Passed(ours), len(ours), kerneltest.Passed(peer))
}
