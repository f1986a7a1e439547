package capture

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// shuffled returns times that are less than by positions from their order.
func shuffled(n, by int) []int {
	r := rand.New(rand.NewPCG(uint64(n), uint64(by)))
	keys := make([]int, n)
	at := make([]int, n)
	for i := range at {
		at[i] = i
		keys[i] = i + r.IntN(by)
	}
	slices.SortStableFunc(at, func(a, b int) int { return keys[a] - keys[b] })
	return at
}

// disorder counts the times that are before their predecessors.
func disorder(at []int) (n int64) {
	for i := 1; i < len(at); i++ {
		if at[i] < at[i-1] {
			n++
		}
	}
	return n
}

// TestDisorder checks that frames that are out of order are sorted within the window, in any kind
// of file, and counted.
func TestDisorder(t *testing.T) {
	dir := t.TempDir()
	ordered := make([]int, 5000)
	for i := range ordered {
		ordered[i] = i
	}
	mixed := slices.Concat(ordered[:3000], nil)
	for _, at := range shuffled(500, 50) {
		mixed = append(mixed, 3000+at)
	}
	mixed = append(mixed, ordered[3500:]...)
	for name, c := range map[string]struct {
		at      []int // milliseconds
		options Options
		sorted  bool
		beyond  int64
	}{
		"in order":              {ordered, Options{}, true, 0},
		"all a little":          {shuffled(5000, 200), Options{}, true, 0},
		"some in the middle":    {mixed, Options{}, true, 0},
		"a few frames":          {shuffled(300, 300), Options{}, true, 0},
		"left alone":            {shuffled(500, 50), Options{Ahead: -1}, false, disorder(shuffled(500, 50))},
		"by more frames":        {shuffled(9000, 3000), Options{Ahead: 4000, Window: time.Minute}, true, 0},
		"a clock that is ahead": {[]int{0, 1, 1e7, 2, 3, 4}, Options{}, false, 1},
		"a clock set back":      {[]int{60_000, 60_001, 1, 2, 3}, Options{}, false, 1},
	} {
		data := timed(t, c.at...)
		for _, path := range []string{write(t, dir, "x.pcap", data), write(t, dir, "x.pcap.gz", zipped(t, data)),
			write(t, dir, "x.pcapng", ngFrom(t, c.at...))} {
			r, err := c.options.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			var at []int
			for p := range r.Packets() {
				ms := int(p.Time().Sub(begin) / time.Millisecond)
				if at = append(at, ms); p.Number < 1 || c.at[p.Number-1] != ms || p.SrcPort != 1754 {
					t.Fatalf("%s, %s: frame %d at %d ms, port %d", name, path, p.Number, ms, p.SrcPort)
				}
			}
			want := c.at
			if c.sorted {
				want = slices.Sorted(slices.Values(c.at))
			}
			if !slices.Equal(at, want) {
				t.Errorf("%s, %s: not the order that is wanted: %v", name, path, at[:min(20, len(at))])
			}
			if report := r.Report(); report.Disordered != disorder(c.at) || report.Misplaced != c.beyond {
				t.Errorf("%s, %s: %v, want %d out of order, %d left there", name, path, report, disorder(c.at),
					c.beyond)
			}
			if r.Offset() != r.Size() {
				t.Errorf("%s, %s: %d of %d bytes", name, path, r.Offset(), r.Size())
			}
			r.Close()
		}
	}
	if _, err := (Options{Window: -1}).Open(dir); err == nil {
		t.Error("a window of less than nothing: no error")
	}
}

// ngFrom returns a pcapng file with frames at milliseconds after begin.
func ngFrom(t testing.TB, at ...int) []byte {
	t.Helper()
	f := frame(t, ether, ip4(nil), syn)
	var b blocks
	b.order = binary.LittleEndian
	b.section()
	b.netInterface(Ethernet, 0)
	for _, ms := range at {
		b.packet(blockPacket, 0, uint64(begin.Add(time.Duration(ms)*time.Millisecond).UnixMicro()), len(f), f)
	}
	return b.Bytes()
}

// TestDisorderOfSeveral merges overlapping files, one of which has a frame with a clock that was
// ahead.
func TestDisorderOfSeveral(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.pcap", timed(t, 2, 0, 1e7, 4, 6, 8))
	write(t, dir, "b.pcap", timed(t, 3, 1, 5, 7))
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var at []int
	for p := range r.Packets() {
		at = append(at, int(p.Time().Sub(begin)/time.Millisecond))
	}
	if want := []int{0, 1, 2, 3, 1e7, 4, 5, 6, 7, 8}; !slices.Equal(at, want) {
		t.Errorf("%v, want %v", at, want)
	}
	if s := r.Report().String(); s != "10 frames: 10 TCP; 3 out of order, 1 of them left there" {
		t.Error(s)
	}
}

// TestDisorderOfStream checks that a stream is sorted only on request.
func TestDisorderOfStream(t *testing.T) {
	data := timed(t, 2, 1, 3)
	for ahead, want := range map[int][]int64{0: {1, 2, 3}, 10: {2, 1, 3}} {
		r, err := Options{Ahead: ahead}.NewReader(bytes.NewReader(data), "x")
		if err != nil {
			t.Fatal(err)
		}
		var numbers []int64
		for p := range r.Packets() {
			numbers = append(numbers, p.Number)
		}
		if !slices.Equal(numbers, want) || r.Report().Disordered != 1 {
			t.Errorf("%d ahead: %v, %v", ahead, numbers, r.Report())
		}
	}
}
