package flow

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// Captures that other programs misread, and the number of correct flows in the columns of NFStream
// and of CICFlowMeter.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		file     string
		nfstream int64
		cic      int64
	}{
		{"07_snap42.pcap", 1, 1},
		{"10_frag.pcap", 1, 1},
		{"10d_tinyfrag.pcap", 1, 1},
		{"zeek_fragmented-syn.pcap", 1, 1},
		{"11e_qinq_outer.pcap", 2, 2},
		{"13b_reuse_nofin.pcap", 1, 2},
		{"a1_rst_burst.pcap", 1, 1},
		{"a2_span_dup.pcap", 1, 1},
		{"a4_rst_after_close.pcap", 1, 1},
	} {
		for _, p := range []struct {
			name    string
			profile Profile
			want    int64
		}{{"NFStream", NFStream, c.nfstream}, {"CICFlowMeter", CICFlowMeter, c.cic}} {
			got, err := Read(silent(t.Context()), p.profile, shareddata.Dir(t, "capture_faults", c.file))
			if err != nil {
				t.Errorf("%s: %v", c.file, err)
				continue
			}
			if got.Report.Flows != p.want || got.Report.Packets != got.Capture.Frames {
				t.Errorf("%s: %s has %v; %v, want %d flows of all packets", c.file, p.name, got.Report, got.Capture, p.want)
			}
		}
	}
}
