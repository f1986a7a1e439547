package conversation

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/encode"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/table"
)

// conversations gives the number of conversations; 0 for no table.
func conversations(t *table.Table) int {
	if t == nil {
		return 0
	}
	return len(starts(t)) - 1
}

// The sample's conversations without an attack are parted by time, 70 % for training; or, as the original does it, its
// packets are.
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
	dealt, err := Deal(cut, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c := conversations(dealt.Train), conversations(dealt.Test), conversations(dealt.Attack); a != 340 || b != 146 || c != 98 {
		t.Errorf("dealt %d, %d and %d conversations, want 340, 146 and 98", a, b, c)
	}
	if i := slices.IndexFunc(Attacks(dealt.Attack), func(a string) bool { return a == "" }); i >= 0 || slices.Contains(Attacks(dealt.Test), "guess") {
		t.Error("the parts are mixed")
	}
	by, err := DealPackets(clean, Rules{}, 0.33)
	if err != nil {
		t.Fatal(err)
	}
	if a, b, c := conversations(by.Train), conversations(by.Test), conversations(by.Attack); a != 384 || b != 193 || c != 8 {
		t.Errorf("by packets %d, %d and %d conversations, want 384, 193 and 8", a, b, c)
	}
	s := Summary(dealt.Attack)
	if s.Rows() != 98 || s.Strings("attack")[0] == "" || !strings.Contains(s.Strings("from")[0], ":") || s.Float64s("packets")[0] < 4 {
		t.Errorf("the summary is\n%s", s.Head(3))
	}
}

// two is two conversations of four packets, the second of an attack.
func two() *table.Table {
	t := table.New(table.Col(Position, []int64{0, 1, 2, 3, 0, 1, 2, 3}), table.Col("timestamp", []float64{1, 1.5, 2, 3, 7, 8, 8, 9}))
	for _, name := range []string{"No.", "length", "src_port", "dst_port"} {
		t = t.With(table.Col(name, []int64{1, 2, 3, 4, 5, 6, 7, 8}))
	}
	for _, name := range []string{"src_ip", "dst_ip", "protocol"} {
		t = t.With(table.Col(name, []string{"a", "b", "a", "b", "c", "d", "c", "d"}))
	}
	return t.With(table.Col(Attack, []string{"", "", "", "", "", "", "", "rsh"}))
}

func TestParts(t *testing.T) {
	p, err := Deal(two(), 0)
	if err == nil || !strings.Contains(err.Error(), "to test on") || conversations(p.Attack) != 1 {
		t.Errorf("nothing kept from training: %v", err)
	}
	if _, err = Deal(two(), 1); err == nil || !strings.Contains(err.Error(), "to learn from") {
		t.Errorf("nothing to learn from: %v", err)
	}
	if p, err = Deal(two().Drop(Attack), 0.5); err != nil || conversations(p.Train) != 1 || conversations(p.Test) != 1 || p.Attack != nil {
		t.Errorf("without labels: %+v, %v", p, err)
	}
	if names, parts := p.Named(); !slices.Equal(names, []string{"train", "test"}) || len(parts) != 2 || parts[1].Float64s("timestamp")[0] != 7 {
		t.Errorf("named %q", names)
	}
	if _, err = DealPackets(two(), Rules{}, 0.5); err == nil || !strings.Contains(err.Error(), "ready conversations") {
		t.Errorf("ready conversations: %v", err)
	}
	if got := Relative(two()).Float64s("timestamp"); !slices.Equal(got, []float64{0, 0.5, 1, 2, 0, 1, 1, 2}) {
		t.Errorf("times are %v", got)
	}
	if s := Summary(two()); s.String() != "No.  timestamp  from  to   packets  bytes  attack\n"+
		"  1          1  a:1   a:1        4     10\n  5          7  c:5   c:5        4     26  rsh\n" {
		t.Errorf("the summary is\n%s", s)
	}
	// Ready conversations are cut already, and nothing is taken out of them.
	if cut, err := Cut(two(), Rules{SkipFirstRow: true}); err != nil || cut.Rows() != 8 {
		t.Errorf("cut once more: %d rows, %v", cut.Rows(), err)
	}
	if clean, c := Clean(two(), Protocols{Drop: []string{"b"}}); clean.Rows() != 8 || len(c.Dropped) > 0 {
		t.Errorf("a hole: %d rows, %v", clean.Rows(), c)
	}
}

// Two halves of a capture, handed over in any order, give what the whole does.
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
	if _, err := ReadAll(ctx, append(paths, csv), nil); err == nil || !strings.Contains(err.Error(), "derived_packets.csv: is one of 3 files") {
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
	enc, err := encode.FitColumns(packets, Features(false)...)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := enc.Encode(packets)
	if err != nil {
		t.Fatal(err)
	}
	got := Compare(enc, rows, make([]float32, len(rows)), 3)
	if got.Rows() != packets.Rows() || got.Float64s("packet")[0] != 3 {
		t.Fatalf("got\n%s", got)
	}
	for i, symbols := range slices.Concat(Symbols(packets.With(table.Col(Position, make([]int64, packets.Rows()))))...) {
		if s := got.Strings("protocol, flags")[i]; s != symbols || got.Float64s("bytes")[i] != packets.Float64s("length")[i] || got.Strings("predicted")[i] != "" {
			t.Errorf("packet %d is %q of %v bytes, want %q", i, s, got.Float64s("bytes")[i], symbols)
		}
	}
}
