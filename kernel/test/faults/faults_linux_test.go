package faults

import (
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestWire sends what is no message, or not what it says.
func TestWire(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "wire.py", client.Ours), knownWire)
	nothingLeft(t, s)
}

// TestInterrupts stops cells in compile, in run, in cgo, in a shell line, and those that are deaf to it.
func TestInterrupts(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "interrupts"), knownInterrupts)
	nothingLeft(t, s)
}

// TestKills kills what the kernel can do without: GoNB, gopls, the compiler, the cell's program.
func TestKills(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "kills"), knownKills)
	nothingLeft(t, s)
}

// TestEnds kills the kernel or its client, or asks it to end, in every way.
func TestEnds(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 8*time.Minute, "faults.py", client.Ours, "ends"), knownEnds)
	nothingLeft(t, s)
}

// nothingLeft looks, from outside, for what the kernels have left.
func nothingLeft(t *testing.T, s *client.Sandbox) {
	t.Helper()
	if left := s.Leftovers(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
