package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/capture/packets"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

// A measurement is what a side needed.
type measurement struct {
	Seconds float64  `json:"seconds"`
	CPU     float64  `json:"cpu"` // seconds of processor time, of the process and of those it started
	Packets int64    `json:"packets"`
	Count   [3]int64 `json:"count"` // what all sides must agree on: packets; TCP packets or sessions that begin with a ClientHello; bytes or packets
	Peak    int64    `json:"-"`     // bytes, the most of the process
}

// measureHere does a work of ours, or of gopacket, and prints what it needed.
func measureHere(work, path string) error {
	do := map[string]func(string) ([3]int64, error){"decode": decode, "gopacket": withGopacket, "table": makeTable, "tls": makeFeatures}[work]
	if do == nil {
		return fmt.Errorf("no work %q", work)
	}
	start, busy := time.Now(), benchkit.CPU()
	count, err := do(path)
	if err != nil {
		return err
	}
	m := measurement{Seconds: time.Since(start).Seconds(), CPU: benchkit.CPU() - busy, Packets: count[0], Count: count}
	return json.NewEncoder(os.Stdout).Encode(m)
}

// decode reads a capture and looks at each packet.
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

// withGopacket does the same with gopacket's fastest way.
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
		parser.DecodeLayers(data, &decoded) // of packets that were cut it decodes less than we, without an error
		count[0]++
		for _, l := range decoded {
			if l == layers.LayerTypeTCP {
				count[1]++
			}
		}
		count[2] += int64(info.Length)
	}
}

// silent takes the news of progress.
type silent struct{}

func (silent) Update(progress.Update) {}

func quiet() context.Context { return progress.With(context.Background(), silent{}) }

func makeTable(path string) (count [3]int64, err error) {
	p, err := packets.Read(quiet(), path)
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
	set, e, err := tlsfeat.Extract(quiet(), dst, tlsfeat.Options{}, path)
	if err != nil {
		return count, err
	}
	defer os.Remove(dst)
	defer set.Close()
	return [3]int64{e.Capture.Frames, e.Sessions - e.NoBeginning, e.Capture.TCP}, nil
}
