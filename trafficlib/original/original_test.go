package original

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/feature/conversation"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// The sample's packets are split as in the original.
func TestSplitPackets(t *testing.T) {
	p, err := conversation.Read(t.Context(), shareddata.Dir(t, "darpa98_sample", "sample_data01.tcpdump"), nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := conversation.ReadLabels(shareddata.Dir(t, "darpa98_sample", "tcpdump.list"), nil)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := conversation.Mark(p.Table, p.Start, list)
	if err != nil {
		t.Fatal(err)
	}
	clean, _ := conversation.Clean(marked, conversation.Protocols{})
	got, err := SplitPackets(clean, conversation.Rules{}, 0.33)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, part := range conversation.Summary(got).Strings(conversation.Part) {
		count[part]++
	}
	if want := map[string]int{seq.Train: 384, seq.Test: 193, seq.Attack: 8}; !maps.Equal(count, want) {
		t.Errorf("conversations by part: %v, want %v", count, want)
	}
}

func packets(n int) *table.Table {
	return table.New(table.Col("timestamp", make([]float64, n)), table.Col("src_ip", slices.Repeat([]string{"a"}, n)),
		table.Col("dst_ip", slices.Repeat([]string{"b"}, n)))
}

func TestSplitPacketsRefuses(t *testing.T) {
	ready := packets(4).With(table.Col(conversation.Position, []int64{0, 1, 2, 3}))
	if _, err := SplitPackets(ready, conversation.Rules{}, 0.5); err == nil ||
		!strings.Contains(err.Error(), "ready conversations") {
		t.Errorf("ready conversations: %v", err)
	}
	if _, err := SplitPackets(packets(8), conversation.Rules{}, 0.1); err == nil ||
		!strings.Contains(err.Error(), "1 packets make no conversation: it has 4 or more, for testing") {
		t.Errorf("too few: %v", err)
	}
}

// The test part is rounded up, as scikit-learn's train_test_split does.
func TestCutOff(t *testing.T) {
	for _, c := range []struct {
		part  float64
		train int
	}{{0, 10}, {0.33, 6}, {0.3, 7}, {0.01, 9}, {1, 0}} {
		if train, test := cutOff(packets(10), c.part); train.NumRows() != c.train || train.NumRows()+test.NumRows() != 10 {
			t.Errorf("%v: %d and %d", c.part, train.NumRows(), test.NumRows())
		}
	}
}

func TestLog(t *testing.T) {
	var said bytes.Buffer
	log := Log(&said)
	for _, step := range []int{7, 60} {
		c := fit.Checkpoint{Point: snapshot.Point{Step: step, Train: snapshot.Figures{Loss: 0.25}}, Total: 60}
		if err := log.Point(c); err != nil {
			t.Fatal(err)
		}
	}
	want := regexp.MustCompile(`^0m 0sec \(- 0m 0sec\) \(7 11%\) Current Loss Value ----> 0.2500
0m 0sec \(- 0m 0sec\) \(60 100%\) Current Loss Value ----> 0.2500
={65}
-------> MODEL HAS FINISHED TRAINING <-------
$`)
	if !want.MatchString(said.String()) {
		t.Errorf("it said\n%s", said.String())
	}
}
