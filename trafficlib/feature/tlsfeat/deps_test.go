package tlsfeat

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// Making sets of features needs no models.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP)
}
