package chart

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// TestDeps checks that a chart knows neither models nor their files.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Arrow,
		"github.com/trafficlab/trafficlab/trafficlib/model")
}
