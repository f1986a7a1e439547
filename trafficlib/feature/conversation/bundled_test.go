package conversation

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The captured conversations for the notebook contain everything that it distinguishes: the
// protocols, the attacks, and frames of other kinds.
func TestBundled(t *testing.T) {
	const dir = "../../../notebooks/data/tcp/"
	p, err := Read(context.Background(), dir+"lan.pcap.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(p.Notice, p.Start)
	clean, cleaned := Clean(p.Table, Protocols{})
	t.Log(cleaned)
	if names := clean.Counts("protocol").Strings("protocol"); len(names) != len(Known) {
		t.Errorf("the protocols are %q, want all of %q", names, Known)
	}
	list, err := ReadLabels(dir+"lan.list", nil)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := Mark(p.Table, p.Start, list)
	if err != nil {
		t.Fatal(err)
	}
	// The attackers do nothing else, so a packet is marked if and only if it is theirs.
	attackers := map[string]string{"10.20.0.66": "port-scan", "10.20.0.67": "guess"}
	src, dst := marked.Strings("src_ip"), marked.Strings("dst_ip")
	for i, attack := range marked.Strings(Attack) {
		if want := attackers[src[i]] + attackers[dst[i]]; attack != want {
			t.Fatalf("packet %d is marked %q, want %q", i, attack, want)
		}
	}
	last := marked.Float64s("timestamp")[marked.NumRows()-1]
	if end := p.Start.Add(time.Duration(last * 1e9)); end.Sub(p.Start) < 5*time.Minute ||
		!slices.IsSorted(table.Values[float64](marked, "timestamp")) {
		t.Errorf("the capture lasts until %v", end)
	}
}
