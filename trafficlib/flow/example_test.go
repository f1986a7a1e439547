package flow_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

const lan = "../../notebooks/data/tcp/lan.pcap.gz"

// The flows of a capture, in NFStream's columns.
func ExampleRead() {
	flows, err := flow.Read(context.Background(), flow.NFStream, lan)
	if err != nil {
		log.Fatal(err)
	}
	web := flows.Table.Where(func(r table.Row) bool { return r.Float64("dst_port") == 80 })
	fmt.Println(strings.TrimSpace(web.Select("src_ip", "dst_ip", "bidirectional_packets", "bidirectional_bytes",
		"bidirectional_duration_ms").Head(3).String()))
	fmt.Println(flows.Report)
	// Output:
	// src_ip       dst_ip      bidirectional_packets  bidirectional_bytes  bidirectional_duration_ms
	// 10.20.0.103  10.20.0.80                     26                14271                          6
	// 10.20.0.104  10.20.0.80                     53                50828                          5
	// 10.20.0.101  10.20.0.80                     90                80161                       1002
	// 567 flows of 12712 packets: 360 idle, 207 flushed; 110 frames without a flow
}

// A flow table of a capture with labels by a rule of the network: all telnet is an attack.
func ExampleExtract() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	label := func(f *flow.Flow, capture string) string {
		if f.DstPort == 23 {
			return "Telnet"
		}
		return flowtable.Benign
	}
	flows, err := flow.Extract(context.Background(), filepath.Join(dir, "flows.arrow"), flow.Options{Label: label}, lan)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	fmt.Println(len(flows.Features()), "features:", flows.Features()[:3], "…")
	fmt.Println(flows.Labels())
	// Output:
	// 77 features: [protocol flow_duration total_fwd_packets] …
	// [Benign Telnet]
}

// Flows as they end, from a stream of packets: here a file, but standard input ("-") works too.
func ExampleAll() {
	r, err := capture.Open(lan)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	rules := flow.CICFlowMeter.Rules
	n := 0
	for f := range flow.All(r.Packets(), rules) {
		if f.End == flow.Closed && f.Packets() > 200 {
			fmt.Println(f.Src, f.SrcPort, f.Dst, f.DstPort, f.Packets(), f.Bytes(), f.Start().Format("15:04:05"))
			n++
		}
	}
	fmt.Println(n)
	// Output:
	// 10.20.0.104 34750 10.20.0.22 23 222 29281 04:18:05
	// 10.20.0.103 58070 10.20.0.80 80 202 183338 04:19:04
	// 10.20.0.102 32848 10.20.0.22 23 271 116133 04:19:35
	// 3
}
