package protocol

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestContract checks what the kernel promises beyond the two suites: bare Go, helpful errors, no
// lost output, answers while a cell runs.
func TestContract(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "contract.py", client.Ours), knownContract)
	if left := s.Leftovers(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
