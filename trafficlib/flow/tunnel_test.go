package flow

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// On request, flows in tunnels are those of the inner packets, with the name of the tunnel.
func TestTunnels(t *testing.T) {
	for _, c := range []struct {
		file   string
		tunnel string
	}{{"35_gre.pcap", "GRE"}, {"35b_vxlan.pcap", "VXLAN"}} {
		for _, decapsulate := range []bool{false, true} {
			r, err := capture.Options{Decapsulate: decapsulate}.Open(shareddata.Dir(t, "capture_faults", c.file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := From(silent(t.Context()), NFStream.WithTunnel(), r)
			if err != nil {
				t.Fatal(err)
			}
			inside := got.Table.Float64s("protocol")[0] == capture.TCP
			want := ""
			if decapsulate {
				want = c.tunnel
			}
			if got.Report.Flows != 1 || got.Report.Packets != 9 || inside != decapsulate ||
				got.Table.Strings("tunnel")[0] != want {
				t.Errorf("%s, decapsulated %v: %v, protocol %v in %q", c.file, decapsulate, got.Report,
					got.Table.Float64s("protocol"), got.Table.Strings("tunnel"))
			}
			r.Close()
		}
	}
}

// A tunnel key that both directions share distinguishes flows. A key for each direction does not.
func TestTunnelKeys(t *testing.T) {
	packet := func(ms int64, from bool, tunnel capture.Tunnel, key uint32) *capture.Packet {
		p := tcp(ms, from, capture.ACK, 1)
		p.Tunnel, p.TunnelKey = tunnel, key
		return p
	}
	for tunnel, want := range map[capture.Tunnel]int{capture.VXLAN: 2, capture.GRE: 2, capture.GTPU: 1, capture.L2TP: 1} {
		all := flows(t, Rules{}, packet(0, true, tunnel, 7), packet(1, false, tunnel, 8), packet(2, true, tunnel, 7))
		if len(all) != want || all[0].Tunnel != tunnel {
			t.Errorf("%v: %d flows, want %d", tunnel, len(all), want)
		}
		if _, ok := all[0].Has(packet(3, true, tunnel, 7)); !ok && all[0].TunnelKey == 7 {
			t.Errorf("%v: Has", tunnel)
		}
	}
	if all := flows(t, Rules{}, packet(0, true, capture.GRE, 0), packet(1, true, capture.NoTunnel, 0)); len(all) != 2 {
		t.Errorf("%d flows in and out of a tunnel", len(all))
	}
}
