package capture

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// TestDeps checks that reading packets links neither tables nor models, nor libpcap, which needs
// cgo.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP, deptest.Arrow,
		"github.com/gopacket/gopacket/pcap")
}
