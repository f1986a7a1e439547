package faults

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestWire sends malformed and misleading messages.
func TestWire(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "wire.py", client.Ours), knownWire)
	nothingLeft(t, s)
}

// TestInterrupts stops cells while they are compiled, run, in cgo and in a shell line, and cells
// that ignore interrupts.
func TestInterrupts(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "interrupts"),
		knownInterrupts)
	nothingLeft(t, s)
}

// TestKills kills processes that the kernel can replace: GoNB, gopls, the compiler, the cell's
// program.
func TestKills(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "kills"), knownKills)
	nothingLeft(t, s)
}

// TestEnds kills the kernel or its client, or asks the kernel to end, in every way.
func TestEnds(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "ends"), knownEnds)
	nothingLeft(t, s)
}

// nothingLeft checks that the kernels have left nothing behind.
func nothingLeft(t *testing.T, s *client.Sandbox) {
	t.Helper()
	if left := s.Leftovers(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
