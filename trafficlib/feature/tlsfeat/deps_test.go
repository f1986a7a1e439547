package tlsfeat

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// Sets of features are made without models.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP)
}
