package capture

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// BenchmarkPackets reads a capture of 1,000 packets.
func BenchmarkPackets(b *testing.B) {
	f := frame(b, ether, ip4(nil), push, payload)
	frames := make([][]byte, 1000)
	for i := range frames {
		frames[i] = f
	}
	data := pcap(b, layers.LinkTypeEthernet, frames...)
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(data), "x.pcap")
		if err != nil {
			b.Fatal(err)
		}
		for range r.Packets() {
		}
		if r.Report().TCP != 1000 {
			b.Fatal(r.Report())
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "packets/s")
}
