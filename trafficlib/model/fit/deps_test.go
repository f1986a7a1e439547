package fit

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.XLA, deptest.GoNB, deptest.Plot)
}
