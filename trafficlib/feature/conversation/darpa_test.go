package conversation

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func darpa(t testing.TB, name string) *Packets {
	t.Helper()
	p, err := Read(context.Background(), shareddata.Dir(t, "darpa98_sample", name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// same compares two tables value by value, floats exactly.
func same(t *testing.T, what string, got, want *table.Table) {
	t.Helper()
	if !slices.Equal(got.Names(), want.Names()) || got.NumRows() != want.NumRows() {
		t.Fatalf("%s: %d rows of %q, want %d of %q", what, got.NumRows(), got.Names(), want.NumRows(), want.Names())
	}
	for _, name := range want.Names() {
		g, w := got.Strings(name), want.Strings(name)
		for i := range w {
			if g[i] != w[i] {
				t.Errorf("%s: row %d: %s is %s, want %s", what, i, name, g[i], w[i])
				break
			}
		}
	}
}

// The packets of the capture equal Wireshark's export in every column.
func TestDARPAPackets(t *testing.T) {
	p := darpa(t, "sample_data01.tcpdump")
	same(t, "packets", p.Table, darpa(t, "derived_packets.csv").Table)
	if p.Notice != "14523 frames, 14282 TCP packets; left out: 165 not IP, 76 not TCP" ||
		p.Start.UnixMicro() != 885592541907093 {
		t.Errorf("%s, from %v", p.Notice, p.Start)
	}
	clean, c := Clean(p.Table, Protocols{})
	const line = "left out: 38 FINGER, 384 FTP, 282 FTP-DATA; counted as TCP: 7 RSH, 36 Rlogin"
	if clean.NumRows() != 13578 || c.String() != line {
		t.Errorf("%d packets; %v, want %s", clean.NumRows(), c, line)
	}
}

// lengths returns the number of conversations, and the number of packets in the shortest and in the
// longest.
func lengths(t *table.Table) (n, shortest, longest int) {
	at := starts(t)
	shortest = t.NumRows()
	for k := range len(at) - 1 {
		shortest, longest = min(shortest, at[k+1]-at[k]), max(longest, at[k+1]-at[k])
	}
	return len(at) - 1, shortest, longest
}

// The counts are those of the original parser, with and without the first row that it skips.
func TestDARPAConversations(t *testing.T) {
	clean, _ := Clean(darpa(t, "sample_data01.tcpdump").Table, Protocols{})
	n := clean.NumRows() - int(math.Ceil(0.33*float64(clean.NumRows())))
	train, test := clean.Slice(0, n), clean.Slice(n, clean.NumRows())
	for _, c := range []struct {
		skip                         bool
		rows, all, trained, tested   int
		derivedTrain, derivedTest, d string
	}{
		{false, 13578, 584, 384, 201, "", "", ""},
		{true, 13577, 584, 384, 200, "derived_seqs_train67.csv", "derived_seqs_test33.csv", "derived_seqs_all.csv"},
	} {
		cut := func(t *testing.T, from *table.Table, derived string) *table.Table {
			got, err := Cut(from, Rules{SkipFirstRow: c.skip})
			if err != nil {
				t.Fatal(err)
			}
			if derived != "" {
				same(t, derived, got, darpa(t, derived).Table.Drop(Attack))
			}
			return got
		}
		got := cut(t, clean, c.d)
		if n, shortest, longest := lengths(got); got.NumRows() != c.rows || n != c.all || shortest != 4 || longest != 168 {
			t.Errorf("skip %v: %d rows, %d conversations of %d to %d", c.skip, got.NumRows(), n, shortest, longest)
		}
		trained, _, _ := lengths(cut(t, train, c.derivedTrain))
		tested, _, _ := lengths(cut(t, test, c.derivedTest))
		if trained != c.trained || tested != c.tested {
			t.Errorf("skip %v: %d and %d conversations, want %d and %d", c.skip, trained, tested, c.trained, c.tested)
		}
	}
}

// The labeled list marks the same conversations as the derived file. Each has the attack of its
// first marked packet.
func TestDARPAAttacks(t *testing.T) {
	p := darpa(t, "sample_data01.tcpdump")
	list, err := ReadLabels(shareddata.Dir(t, "darpa98_sample", "tcpdump.list"), nil)
	if err != nil || len(list) != 295 {
		t.Fatalf("%d connections, %v", len(list), err)
	}
	marked, err := Mark(p.Table, p.Start, list)
	if err != nil {
		t.Fatal(err)
	}
	clean, _ := Clean(marked, Protocols{})
	got, err := Cut(clean, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range Attacks(got) {
		count[a]++
	}
	if want := map[string]int{
		"":          486,
		"guess":     82,
		"port-scan": 8,
		"rlogin":    4,
		"rcp":       2,
		"phf":       1,
		"rsh":       1,
	}; !maps.Equal(count, want) {
		t.Errorf("conversations by attack: %v, want %v", count, want)
	}
	skipped, err := Cut(clean, Rules{SkipFirstRow: true})
	if err != nil {
		t.Fatal(err)
	}
	if derived := darpa(t, "derived_seqs_all.csv").Table; !slices.Equal(Attacks(skipped), Attacks(derived)) {
		t.Error("the attacks of conversations differ from the derived file's")
	}
}

// The capture yields 584 pairs of an input and a target, or 583 without the last one, which the
// original leaves out.
func TestDARPAPairs(t *testing.T) {
	clean, _ := Clean(darpa(t, "sample_data01.tcpdump").Table, Protocols{})
	cut, err := Cut(clean, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	set, err := Encode(cut, Encoding{})
	if err != nil || set.Len() != 584 || set.Features() != 25 || set.Head(set.Len()-1).Len() != 583 {
		t.Errorf("%v, %v", set, err)
	}
}
