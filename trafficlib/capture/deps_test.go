package capture

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// Whoever reads packets as they come needs no tables and no models, and no libpcap: that of gopacket is cgo.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP, deptest.Arrow,
		"github.com/gopacket/gopacket/pcap")
}
