package capture_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A pcap file of raw IP (link type 101) with one packet: a SYN from 10.0.0.1 to port 80 of
// 10.0.0.2.
var file = []byte{
	0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0,
	0x2d, 0x3c, 0xc9, 0x34, 0x45, 0xd7, 0x0d, 0, 40, 0, 0, 0, 40, 0, 0, 0,
	0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0xc3, 0x50, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 2, 0, 0, 0, 0, 0,
}

func Example() {
	r, err := capture.NewReader(bytes.NewReader(file), "syn.pcap")
	if err != nil {
		log.Fatal(err)
	}
	for p := range r.TCP() {
		fmt.Println(p.Number, p.Time().Format("15:04:05.000000"), p.Src, p.SrcPort, p.Dst, p.DstPort, p.Flags, p.Length)
	}
	fmt.Println(r.Report())
	// Output:
	// 1 00:56:13.907077 10.0.0.1 50000 10.0.0.2 80 SYN 40
	// 1 frames: 1 TCP
}
