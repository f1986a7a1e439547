package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/capture/packets"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
)

// A measurement is the result of one side.
type measurement struct {
	benchkit.Cost
	Packets int64 `json:"packets"`

	// Count holds what all sides must agree on. For tls: packets, sessions that begin with a
	// ClientHello, and TCP packets. For the others: packets, TCP packets and bytes.
	Count [3]int64 `json:"count"`
}

// measureHere does a piece of work of ours, or of gopacket.
func measureHere(work, path string) (m measurement, err error) {
	do := map[string]func(string) ([3]int64, error){
		"decode": decode, "gopacket": withGopacket, "table": makeTable, "tls": makeFeatures,
	}[work]
	if do == nil {
		return m, fmt.Errorf("no work %q", work)
	}
	stop := benchkit.Start()
	m.Count, err = do(path)
	m.Cost, m.Packets = stop(), m.Count[0]
	return m, err
}

// decode reads a capture and counts its packets.
func decode(path string) (count [3]int64, err error) {
	r, err := capture.Open(path)
	if err != nil {
		return count, err
	}
	defer r.Close()
	for p := range r.Packets() {
		count[0]++
		if p.TCP() {
			count[1]++
		}
		count[2] += int64(p.Length)
	}
	return count, nil
}

// withGopacket does the same with gopacket's fastest decoder.
func withGopacket(path string) (count [3]int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return count, err
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		return count, err
	}
	var (
		eth     layers.Ethernet
		ip4     layers.IPv4
		ip6     layers.IPv6
		tcp     layers.TCP
		udp     layers.UDP
		icmp    layers.ICMPv4
		payload gopacket.Payload
		decoded []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &ip4, &ip6, &tcp, &udp, &icmp, &payload)
	parser.IgnoreUnsupported = true
	for {
		data, info, err := r.ZeroCopyReadPacketData()
		if errors.Is(err, io.EOF) {
			return count, nil
		}
		if err != nil {
			return count, err
		}
		parser.DecodeLayers(data, &decoded) // it decodes less of truncated packets than we do; that is no error here
		count[0]++
		for _, l := range decoded {
			if l == layers.LayerTypeTCP {
				count[1]++
			}
		}
		count[2] += int64(info.Length)
	}
}

func makeTable(path string) (count [3]int64, err error) {
	p, err := packets.Read(benchkit.Quiet(), path)
	if err != nil {
		return count, err
	}
	for _, v := range table.Values[int64](p.Table, "length") {
		count[2] += v
	}
	return [3]int64{int64(p.Table.NumRows()), p.Report.TCP, count[2]}, nil
}

func makeFeatures(path string) (count [3]int64, err error) {
	dst := filepath.Join(filepath.Dir(path), "features.arrow")
	set, e, err := tlsfeat.Extract(benchkit.Quiet(), dst, tlsfeat.Options{}, path)
	if err != nil {
		return count, err
	}
	defer os.Remove(dst)
	defer set.Close()
	return [3]int64{e.Capture.Frames, e.Sessions - e.NoBeginning, e.Capture.TCP}, nil
}
