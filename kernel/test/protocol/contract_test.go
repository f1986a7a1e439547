package protocol

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/kit"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

// TestContract looks for what the kernel promises beyond the two suites: bare Go, errors that say what was wrong, nothing
// lost, answers while a cell runs.
func TestContract(t *testing.T) {
	s := kit.Stand(t)
	kit.Report(t, kit.Checks(t, s, 8*time.Minute, "contract.py", probe.Ours), knownContract)
	if left := s.Left(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
