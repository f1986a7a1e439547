package device

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoNB, deptest.Plot, deptest.Arrow)
}
