package main

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2017"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// TestBundled: the files that are kept are those that this program makes, and have the columns of a
// flow.
func TestBundled(t *testing.T) {
	for _, path := range []string{"../../splunk/benign.json.gz", "../../splunk/malicious.json.gz"} {
		records, err := results.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names := results.Names(records)
		if len(records) != 500 || len(names) < 110 {
			t.Errorf("%s: %d records of %d fields", path, len(records), len(names))
		}
		for _, name := range cic2017.Meta {
			if !slices.Contains(names, name) {
				t.Errorf("%s: no %s", path, name)
			}
		}
		flows, err := cic2017.Load(t.Context(), filepath.Join(t.TempDir(), "flows.arrow"),
			cic2018.Options{Missing: table.Keep, Infinite: table.Keep}, path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range cic2017.Columns {
			if !flows.Has(name) && name != "external_ip" {
				t.Errorf("%s: no column %s", path, name)
			}
		}
		flows.Close()
	}
}

// TestColumns compares the columns of a flow with values computed by hand.
func TestColumns(t *testing.T) {
	f := flow{protocol: 6, srcPort: 5, dstPort: 80, window: 8192, answer: -1}
	f.add(0, true, 0).syn = true
	f.add(100, false, 10)
	f.add(6e6, true, 20)
	f.add(100, true, 30)
	c := columns(f)
	for name, want := range map[string]string{
		"flow_duration":               "6000200",
		"total_fwd_packets":           "3",
		"total_backward_packets":      "1",
		"total_length_of_fwd_packets": "50",
		"packet_length_mean":          "15",
		"fwd_packet_length_std":       "15.27525232",
		"packet_length_variance":      "166.6666667",
		"flow_iat_max":                "6000000",
		"fwd_iat_total":               "6000200",
		"bwd_iat_mean":                "0",
		"active_max":                  "100",
		"active_mean":                 "100",
		"idle_max":                    "6000000",
		"idle_std":                    "0",
		"act_data_pkt_fwd":            "2",
		"syn_flag_count":              "1",
		"ack_flag_count":              "1",
		"flow_packets_per_s":          "0.6666444452",
		"fwd_header_length":           "60",
		"down_per_up_ratio":           "0",
		"init_win_bytes_backward":     "-1",
	} {
		if c[name] != want {
			t.Errorf("%s: %s, want %s", name, c[name], want)
		}
	}
	if one := columns(flow{protocol: 17,
		packets: []packet{{forward: true, payload: 3}}}); one["flow_bytes_per_s"] != "Infinity" {
		t.Errorf("a rate over no time is %s", one["flow_bytes_per_s"])
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		for _, f := range []flow{ordinary(r), flood(r)} {
			if n := len(columns(f)); n != 79 {
				t.Fatalf("%d columns of %+v", n, f)
			}
		}
	}
}
