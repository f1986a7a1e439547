package conversation

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// latest keeps the last share out of the training.
func latest(share float64) seq.Split { return seq.Split{By: seq.Latest, Test: share} }

func conversations(t *table.Table) int { return len(starts(t)) - 1 }

// The sample's conversations without an attack are split by time, 70 % for training.
func TestDARPAParts(t *testing.T) {
	p := darpa(t, "sample_data01.tcpdump")
	list, err := ReadLabels(shareddata.Dir(t, "darpa98_sample", "tcpdump.list"), nil)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := Mark(p.Table, p.Start, list)
	if err != nil {
		t.Fatal(err)
	}
	clean, _ := Clean(marked, Protocols{})
	cut, err := Cut(clean, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		deal func() (*table.Table, error)
		want map[string]int
	}{
		"conversations": {func() (*table.Table, error) { return Split(cut, latest(0.3)) },
			map[string]int{seq.Train: 340, seq.Test: 146, seq.Attack: 98}},
	} {
		got, err := c.deal()
		if err != nil {
			t.Fatal(err)
		}
		s := Summary(got)
		for part, want := range c.want {
			if n, m := len(s.Rows(Part, part)), conversations(got.Only(Part, part)); n != want || m != want {
				t.Errorf("%s: %d and %d conversations of the part %s, want %d", what, n, m, part, want)
			}
		}
		for i, a := range Attacks(got.Only(Part, seq.Test)) {
			if a != "" {
				t.Errorf("%s: conversation %d to test on is of the attack %s", what, i, a)
			}
		}
		if first := s.Only(Part, seq.Attack); first.Strings("attack")[0] == "" ||
			!strings.Contains(first.Strings("from")[0], ":") || first.Float64s("packets")[0] < 4 {
			t.Errorf("the summary is\n%s", first.Head(3))
		}
	}
}

// two returns two conversations of four packets, the second of them an attack.
func two() *table.Table {
	t := table.New(table.Col(Position, []int64{0, 1, 2, 3, 0, 1, 2, 3}),
		table.Col("timestamp", []float64{1, 1.5, 2, 3, 7, 8, 8, 9}))
	for _, name := range []string{"No.", "length", "src_port", "dst_port"} {
		t = t.With(table.Col(name, []int64{1, 2, 3, 4, 5, 6, 7, 8}))
	}
	for _, name := range []string{"src_ip", "dst_ip", "protocol"} {
		t = t.With(table.Col(name, []string{"a", "b", "a", "b", "c", "d", "c", "d"}))
	}
	return t.With(table.Col(Attack, []string{"", "", "", "", "", "", "", "rsh"}))
}

func TestParts(t *testing.T) {
	if _, err := Split(two(), latest(0)); err == nil || !strings.Contains(err.Error(), "to test on") {
		t.Errorf("nothing kept from training: %v", err)
	}
	if _, err := Split(two(), latest(1)); err == nil || !strings.Contains(err.Error(), "to learn from") {
		t.Errorf("nothing to learn from: %v", err)
	}
	p, err := Split(two().Drop(Attack), latest(0.5))
	if err != nil || p.Only(Part, seq.Train).NumRows() != 4 ||
		!slices.Equal(p.Only(Part, seq.Test).Float64s("timestamp"), []float64{7, 8, 8, 9}) ||
		p.Only(Part, seq.Attack).NumRows() != 0 {
		t.Errorf("without labels:\n%v, %v", p, err)
	}
	s := Summary(p)
	if got := Sample(s, seq.Train, 3, 4, 1); !slices.Equal(got, []int{0}) || len(Sample(s, seq.Train, 3, 5, 1)) != 0 ||
		len(Sample(s, seq.Test, 0, 4, 1)) != 0 {
		t.Errorf("drawn %v", got)
	}
	if got := relative(two()).Float64s("timestamp"); !slices.Equal(got, []float64{0, 0.5, 1, 2, 0, 1, 1, 2}) {
		t.Errorf("times are %v", got)
	}
	if s := Summary(two()); s.String() != "No.  timestamp  from  to   packets  bytes  attack\n"+
		"  1          1  a:1   a:1        4     10\n  5          7  c:5   c:5        4     26  rsh\n" {
		t.Errorf("the summary is\n%s", s)
	}
	// Ready conversations are already cut, and keep all their packets.
	if cut, err := Cut(two(), Rules{SkipFirstRow: true}); err != nil || cut.NumRows() != 8 {
		t.Errorf("cut once more: %d rows, %v", cut.NumRows(), err)
	}
	if clean, c := Clean(two(), Protocols{Drop: []string{"b"}}); clean.NumRows() != 8 || len(c.Dropped) > 0 {
		t.Errorf("a hole: %d rows, %v", clean.NumRows(), c)
	}
}

// The two halves of a capture, in any order, yield the same as the whole.
func TestReadAll(t *testing.T) {
	ctx := context.Background()
	data, err := os.ReadFile(shareddata.Dir(t, "darpa98_sample", "sample_data01.tcpdump"))
	if err != nil {
		t.Fatal(err)
	}
	at := 24 // behind the header of the file, and then of each frame its header and its bytes
	for range 5000 {
		at += 16 + int(binary.BigEndian.Uint32(data[at+8:]))
	}
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "b"), filepath.Join(dir, "a")}
	for path, part := range map[string][]byte{paths[0]: slices.Concat(data[:24], data[at:]), paths[1]: data[:at]} {
		if err := os.WriteFile(path, part, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	whole := darpa(t, "sample_data01.tcpdump")
	got, err := ReadAll(ctx, paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Start.Equal(whole.Start) || !strings.Contains(got.Notice, "a: 5000 frames") {
		t.Errorf("from %v, %s", got.Start, got.Notice)
	}
	same(t, "two halves", got.Table.Drop("No.", "timestamp"), whole.Table.Drop("No.", "timestamp"))
	for i, want := range whole.Table.Float64s("timestamp") {
		if !close64(got.Table.Float64s("timestamp")[i], want, 1e-9) {
			t.Fatalf("packet %d: time %v, want %v", i, got.Table.Float64s("timestamp")[i], want)
		}
	}
	csv := shareddata.Dir(t, "darpa98_sample", "derived_packets.csv")
	mixed, err := ReadAll(ctx, append(paths, csv), nil)
	if err != nil || mixed.Table.NumRows() != got.Table.NumRows() ||
		!strings.Contains(mixed.Notice, "1 files left out: ") ||
		!strings.Contains(mixed.Notice, "derived_packets.csv: is one of 3 files") {
		t.Errorf("a CSV among captures: %v", err)
	}
	if _, err := ReadAll(ctx, nil, nil); err == nil {
		t.Error("no files: no error")
	}
}

func TestCompare(t *testing.T) {
	packets, err := table.ReadCSV("testdata/golden_pandas.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := encode.FitTable(packets, Features(false)...)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := enc.Encode(packets)
	if err != nil {
		t.Fatal(err)
	}
	got := Compare(enc, rows, make([]float32, len(rows)), 3)
	if got.NumRows() != packets.NumRows() || got.Float64s("packet")[0] != 3 {
		t.Fatalf("got\n%s", got)
	}
	placed := packets.With(table.Col(Position, make([]int64, packets.NumRows())))
	for i, symbols := range slices.Concat(Symbols(placed)...) {
		if s := got.Strings("protocol, flags")[i]; s != symbols ||
			got.Float64s("bytes")[i] != packets.Float64s("length")[i] || got.Strings("predicted")[i] != "" {
			t.Errorf("packet %d is %q of %v bytes, want %q", i, s, got.Float64s("bytes")[i], symbols)
		}
	}
}

// Conversations become a set with their parts and attacks, encoded by the statistics of the
// training part.
func TestEncode(t *testing.T) {
	const length = 1 // the column of lengths
	split, err := Split(three(), latest(0.5))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(1998, 6, 1, 12, 0, 0, 0, time.UTC)
	set, err := Encode(split, Encoding{Start: start})
	if err != nil {
		t.Fatal(err)
	}
	want := []seq.About{
		{Part: "train", Origin: 0, Start: start.Add(time.Second)},
		{Part: "test", Origin: 1, Start: start.Add(7 * time.Second)},
		{Part: "attack", Label: "rsh", Origin: 2, Start: start.Add(20 * time.Second)},
	}
	for i, w := range want {
		if got := set.About(i); got != w {
			t.Errorf("conversation %d: %+v, want %+v", i, got, w)
		}
	}
	// The lengths of the training part, 1 to 4, have the mean 2.5 and the standard deviation 1.29.
	if got := set.At(0)[length]; !close64(float64(got), -1.5/1.2909944487, 1e-6) || set.Names()[length] != "length" ||
		set.Recipe().Extractor != "conversation" {
		t.Errorf("the first length is %v, recipe %v", got, set.Recipe())
	}
	rel, err := Encode(split, Encoding{Relative: true})
	if err != nil || rel.At(0)[0] != rel.At(1)[0] || !rel.About(1).Start.IsZero() || set.At(0)[0] == set.At(1)[0] {
		t.Errorf("relative: first timestamps %v and %v, %v", rel.At(0)[0], rel.At(1)[0], err)
	}
}

// three is two plus a third conversation, which contains the attack.
func three() *table.Table {
	a := two().Slice(0, 4)
	b, c := a.With(table.Col("timestamp", []float64{7, 8, 8, 9})),
		a.With(table.Col("timestamp", []float64{20, 21, 22, 23})).With(table.Col(Attack, []string{"", "rsh", "", ""}))
	all := table.Concat(a, b, c).With(table.Col("protocol", slices.Repeat([]string{"TCP"}, 12)))
	for _, flag := range Flags {
		all = all.With(table.Col(flag, make([]int64, 12)))
	}
	return all
}
