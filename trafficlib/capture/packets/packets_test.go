package packets

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

const lan = "../../../notebooks/data/tcp/lan.pcap.gz"

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot)
}

func TestRead(t *testing.T) {
	p, err := Read(t.Context(), lan, "../../../notebooks/data/tls/normal.pcap.gz")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Table.Names(), Columns) || int64(p.Table.NumRows()) != p.Report.Frames || p.Report.Damage != "" {
		t.Errorf("%q, %v", p.Table.Names(), p.Report)
	}
	length, payload, seen := int64(0), int64(0), map[string]bool{}
	protocols := table.Values[int64](p.Table, "protocol")
	for i, n := range table.Values[int64](p.Table, "length") {
		length += n
		if protocols[i] == 6 {
			payload += table.Values[int64](p.Table, "payload")[i]
		}
		seen[p.Table.Strings("src")[i]] = true
	}
	if length < 1e6 || payload < 5e5 || !seen["127.0.0.1"] || !seen["10.20.0.80"] || len(seen) < 15 {
		t.Errorf("%d bytes, %d of payload, from %d addresses", length, payload, len(seen))
	}
	if _, err := Read(t.Context(), "gone"); err == nil {
		t.Error("no file: no error")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(done, lan); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func ExampleRead() {
	p, err := Read(context.Background(), lan)
	if err != nil {
		log.Fatal(err)
	}
	first := p.Table.Select("number", "src", "dst", "src_port", "dst_port", "length").Head(3)
	fmt.Println(strings.TrimSpace(first.String()))
	// Output:
	// number  src                        dst      src_port  dst_port  length
	//      1  fe80::48f9:aeff:fe9a:a6ce  ff02::2         0         0      70
	//      2  fe80::bc0f:f0ff:fe72:8ae   ff02::2         0         0      70
	//      3  fe80::88d0:23ff:fead:3811  ff02::2         0         0      70
}
