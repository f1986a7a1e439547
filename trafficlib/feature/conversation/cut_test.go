package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// talk returns a table of packets "a>b" at the given times.
func talk(packets []string, times []float64) *table.Table {
	var src, dst, protocol []string
	for _, p := range packets {
		a, b, _ := strings.Cut(p, ">")
		src, dst, protocol = append(src, a), append(dst, b), append(protocol, "TCP")
	}
	return table.New(table.Col("timestamp", times), table.Col("src_ip", src), table.Col("dst_ip", dst),
		table.Col("protocol", protocol))
}

func positions(t *testing.T, packets *table.Table, r Rules) []int64 {
	t.Helper()
	got, err := Cut(packets, r)
	if err != nil {
		t.Fatal(err)
	}
	if got.Names()[0] != Position {
		t.Errorf("the columns are %q", got.Names())
	}
	return table.Values[int64](got, Position)
}

func TestCut(t *testing.T) {
	at := func(n int, step float64) []float64 {
		times := make([]float64, n)
		for i := range times {
			times[i] = float64(i) * step
		}
		return times
	}
	same := func(n int) []string { return slices.Repeat([]string{"a>b"}, n) }
	for name, c := range map[string]struct {
		packets *table.Table
		rules   Rules
		want    []int64
	}{
		// The first four belong together whatever their senders and times.
		"four unconditionally": {talk([]string{"a>b", "c>d", "e>f", "g>h", "c>a", "c>d", "d>c", "c>d", "d>c"},
			[]float64{0, 5, 6, 7, 0.5, 8, 8, 8, 8}), Rules{}, []int64{0, 1, 2, 3, 4, 0, 1, 2, 3}},
		"a second": {talk(same(9), []float64{0, 0, 0, 0, 1, 1.000001, 1.1, 1.2, 1.3}), Rules{},
			[]int64{0, 1, 2, 3, 4, 0, 1, 2, 3}},
		"three left over":   {talk(same(7), []float64{0, 0, 0, 0, 2, 2, 2}), Rules{}, []int64{0, 1, 2, 3}},
		"four left":         {talk(same(8), []float64{0, 0, 0, 0, 2, 2, 2, 2}), Rules{}, []int64{0, 1, 2, 3, 0, 1, 2, 3}},
		"without the first": {talk(same(5), at(5, 0.1)), Rules{SkipFirstRow: true}, []int64{0, 1, 2, 3}},
		"other rules": {talk(same(6), at(6, 1)), Rules{Unconditional: 2, Longest: 3, Within: 10 * time.Second},
			[]int64{0, 1, 2, 0, 1, 2}},
	} {
		if got := positions(t, c.packets, c.rules); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	long := positions(t, talk(same(324), at(324, 0.001)), Rules{})
	if long[319] != 319 || long[320] != 0 || long[323] != 3 {
		t.Errorf("the 321st packet has position %d", long[320])
	}
	if _, err := Cut(talk(same(3), at(3, 0)), Rules{}); err == nil ||
		err.Error() != "conversation: 3 packets make no conversation: it has 4 or more" {
		t.Errorf("three packets: %v", err)
	}
	if _, err := Cut(talk(same(4), at(4, 0)), Rules{Longest: 3}); err == nil {
		t.Error("rules that contradict themselves: no error")
	}
}

func TestClean(t *testing.T) {
	packets := table.New(table.Col("protocol",
		[]string{"TCP", "SSHv2", "FTP-DATA", "TLSv1.3", "HTTP/XML", "SSH", "TIME", "POP"}))
	got, c := Clean(packets, Protocols{})
	if names := got.Strings("protocol"); !slices.Equal(names, []string{"TCP", "SSHv1", "TCP", "HTTP", "SSHv1", "POP"}) {
		t.Errorf("got %q", names)
	}
	if s := c.String(); s != "left out: 1 FTP-DATA, 1 TIME; renamed: 1 HTTP/XML, 1 SSH, 1 SSHv2; "+
		"counted as TCP: 1 TLSv1.3" {
		t.Errorf("got %q", s)
	}
	got, c = Clean(packets, Protocols{Keep: []string{"TLSv1.3"}, Drop: []string{}, Rename: map[string]string{}})
	if got.NumRows() != 8 || got.Strings("protocol")[3] != "TLSv1.3" || got.Strings("protocol")[7] != "TCP" ||
		len(c.Dropped) != 0 {
		t.Errorf("%q, %v", got.Strings("protocol"), c)
	}
	if _, c = Clean(table.New(table.Col("protocol", []string{"TCP"})),
		Protocols{}); c.String() != "all protocols as they were" {
		t.Errorf("got %v", c)
	}
}

func TestDropLast(t *testing.T) {
	positions := func(p ...int64) *table.Table { return table.New(table.Col(Position, p)) }
	for _, c := range [][2][]int64{{{0, 1, 0, 1, 2}, {0, 1}}, {{0, 1}, {}}, {{}, {}}} {
		if got := table.Values[int64](dropLast(positions(c[0]...)), Position); !slices.Equal(got, c[1]) {
			t.Errorf("of %v is left %v, want %v", c[0], got, c[1])
		}
	}
}

func TestCutDropsLast(t *testing.T) {
	packets := talk([]string{"a>b", "b>a", "a>b", "b>a", "c>d", "d>c", "c>d", "d>c"},
		[]float64{0, .1, .2, .3, .4, .5, .6, .7})
	whole, err := Cut(packets, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Cut(packets, Rules{DropLast: true})
	if err != nil || got.NumRows() != 4 || whole.NumRows() != 8 {
		t.Errorf("%v of %v rows, %v", got.NumRows(), whole.NumRows(), err)
	}
}
