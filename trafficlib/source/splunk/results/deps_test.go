package results

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// Cells that read records need no network.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.Arrow, deptest.HTTP)
}
