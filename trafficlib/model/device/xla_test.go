package device_test

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

func TestXLA(t *testing.T) {
	b := backends.XLA(t)
	if got := device.Describe(b); got != "xla:cpu" {
		t.Errorf("Describe(%s) = %q, want xla:cpu", b.Description(), got)
	}
}
