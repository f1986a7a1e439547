package flow

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// golden is the output of testdata/golden_nfstream.py for a capture.
type golden struct {
	Flows, Packets, Bytes int64
	Sums                  map[string]float64
	Text                  map[string]string
	First                 []map[string]any
}

// The flows of the shared captures equal those of NFStream in all columns.
func TestGoldenNFStream(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_nfstream.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 24 {
		t.Errorf("%d captures, want 24", len(all))
	}
	for name, want := range all {
		t.Run(name, func(t *testing.T) {
			p := NFStream
			file, rules, _ := strings.Cut(name, " ")
			switch rules {
			case "ip":
				p.Rules.Size = IP
			case "transport":
				p.Rules.Size = Transport
			case "payload":
				p.Rules.Size = Payload
			case "idle 2 active 20":
				p.Rules.Idle, p.Rules.Active = 2*time.Second, 20*time.Second
			}
			folder := "zeek_tls_pcaps"
			if strings.HasSuffix(file, ".tcpdump") {
				folder = "darpa98_sample"
			}
			got, err := Read(t.Context(), p, shareddata.Dir(t, folder, file))
			if err != nil {
				t.Fatal(err)
			}
			if p.Rules.Size >= IP { // as the script does: of others NFStream knows no payload
				protocol := table.Values[int64](got.Table, "protocol")
				got.Table = got.Table.Where(func(r table.Row) bool {
					return slices.Contains([]int64{1, 6, 17}, protocol[r.Index()])
				})
			} else if got.Report.Packets != want.Packets || got.Report.Flows != want.Flows {
				t.Errorf("%v, NFStream has %d flows of %d packets", got.Report, want.Flows, want.Packets)
			}
			compare(t, got, want)
		})
	}
}

func compare(t *testing.T, got Flows, want golden) {
	t.Helper()
	if int64(got.Table.NumRows()) != want.Flows {
		t.Fatalf("%d flows, NFStream has %d", got.Table.NumRows(), want.Flows)
	}
	if names := got.Table.Names(); len(names) != len(want.Sums)+len(want.Text) {
		t.Errorf("%d columns, NFStream has %d", len(names), len(want.Sums)+len(want.Text))
	}
	// Sort as the script does.
	c := func(name string) table.Column { return got.Table.Column(name) }
	rank := make([]int, got.Table.NumRows())
	for i := range rank {
		rank[i] = i
	}
	first, src, dst := table.Values[int64](got.Table, "bidirectional_first_seen_ms"), c("src_ip").Strings(),
		c("dst_ip").Strings()
	sport, dport, proto := table.Values[int64](got.Table, "src_port"), table.Values[int64](got.Table, "dst_port"),
		table.Values[int64](got.Table, "protocol")
	slices.SortFunc(rank, func(a, b int) int {
		return slices.CompareFunc(
			[]any{first[a], src[a], sport[a], dst[a], dport[a], proto[a]},
			[]any{first[b], src[b], sport[b], dst[b], dport[b], proto[b]},
			func(x, y any) int {
				if s, ok := x.(string); ok {
					return strings.Compare(s, y.(string))
				}
				return int(max(-1, min(1, x.(int64)-y.(int64))))
			})
	})
	for name, want := range want.Sums {
		sum := 0.0
		v := c(name).Float64s()
		for i, k := range rank {
			sum += v[k] * float64(i%97+1)
		}
		if math.Abs(sum-want) > 1e-9*math.Abs(want) {
			t.Errorf("%s: weighted sum %v, NFStream has %v", name, sum, want)
		}
	}
	for name, want := range want.Text {
		var texts []string
		for _, k := range rank[:min(50, len(rank))] {
			texts = append(texts, c(name).Strings()[k])
		}
		if s := strings.Join(texts, "|"); s != want {
			t.Errorf("%s: %s, NFStream has %s", name, s, want)
		}
	}
	for i, flow := range want.First {
		for name, want := range flow {
			got := c(name).Strings()[rank[i]]
			if w, ok := want.(float64); ok {
				if v := c(name).Float64s()[rank[i]]; math.Abs(v-w) > 1e-9*math.Abs(w) {
					t.Errorf("flow %d: %s is %v, with NFStream %v", i, name, v, w)
				}
			} else if got != fmt.Sprint(want) {
				t.Errorf("flow %d: %s is %q, with NFStream %q", i, name, got, want)
			}
		}
	}
}
