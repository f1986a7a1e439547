package exchange

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP)
}
