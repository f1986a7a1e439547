package flow

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A flow computed by hand: a bulk of five packets forward, a pause of a second and a half, three
// packets back with one forward between them, a pause of six seconds, and an ACK.
func TestCICFlowMeter(t *testing.T) {
	const A, P = capture.ACK, capture.PSH
	packets := []*capture.Packet{
		tcp(0, true, A|P, 100), tcp(10, true, A, 100), tcp(20, true, A, 100), tcp(30, true, A, 100), tcp(50, true, A, 200),
		tcp(1550, false, A, 10), tcp(1560, false, A, 10), tcp(1565, true, A, 1), tcp(1570, false, A, 10),
		tcp(7570, true, A, 0),
	}
	all := flows(t, CICFlowMeter.Rules, packets...)
	if len(all) != 1 {
		t.Fatalf("%d flows", len(all))
	}
	got := CICFlowMeter.Table([]*Flow{&all[0]})
	for name, want := range map[string]float64{
		"Flow Duration":               7_570_000,
		"Total Fwd Packets":           7,
		"Total Backward Packets":      3,
		"Total Length of Fwd Packets": 601,
		"Total Length of Bwd Packets": 30,
		"Fwd Packet Length Max":       200,
		"Fwd Packet Length Min":       0,
		"Bwd Packet Length Mean":      10,
		"Bwd Packet Length Std":       0,
		"Flow Bytes/s":                631 / 7.57,
		"Flow Packets/s":              10 / 7.57,
		"Fwd Packets/s":               7 / 7.57,
		"Bwd Packets/s":               3 / 7.57,
		"Flow IAT Max":                6_000_000,
		"Flow IAT Min":                5000,
		"Flow IAT Mean":               7_570_000.0 / 9,
		"Bwd IAT Total":               20_000,
		"Fwd IAT Total":               7_570_000,
		"Fwd PSH Flags":               1,
		"Bwd PSH Flags":               0,
		"PSH Flag Count":              1,
		"ACK Flag Count":              10,
		"SYN Flag Count":              0,
		"Fwd Header Length":           140,
		"Bwd Header Length":           60,
		"min_seg_size_forward":        20,
		"act_data_pkt_fwd":            6,
		"Min Packet Length":           0,
		"Max Packet Length":           200,
		"Packet Length Mean":          63.1,
		"Average Packet Size":         63.1,
		"Avg Fwd Segment Size":        601.0 / 7,
		"Down/Up Ratio":               3.0 / 7,
		"Init_Win_bytes_forward":      1000,
		"Init_Win_bytes_backward":     1000 + 1550,
		"Fwd Avg Bytes/Bulk":          600,
		"Fwd Avg Packets/Bulk":        5,
		"Fwd Avg Bulk Rate":           600 / .05,
		"Bwd Avg Bytes/Bulk":          0,
		"Bwd Avg Packets/Bulk":        0,
		"Bwd Avg Bulk Rate":           0,
		"Subflow Fwd Packets":         7.0 / 3,
		"Subflow Bwd Bytes":           10,
		"Active Mean":                 1_570_000,
		"Active Max":                  1_570_000,
		"Idle Mean":                   6_000_000,
		"Idle Std":                    0,
		"Idle Min":                    6_000_000,
		"Protocol":                    6,
		"Source Port":                 50000,
		"Destination Port":            80,
	} {
		if v := got.Float64s(name)[0]; v < want*(1-1e-12) || v > want*(1+1e-12) {
			t.Errorf("%s: %v, want %v", name, v, want)
		}
	}
	if id := got.Strings("Flow ID")[0]; id != "10.0.0.9-10.0.0.2-50000-80-6" {
		t.Errorf("Flow ID %s", id)
	}
	if at := table.Values[int64](CICFlowMeter2018.Table([]*Flow{&all[0]}), "Tot Bwd Pkts")[0]; at != 3 {
		t.Errorf("short names: %d", at)
	}
}
