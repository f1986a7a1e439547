package capture

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// TestStray checks that frames with a stray clock are counted and have the time of the previous
// frame, while a clock that was set is accepted.
func TestStray(t *testing.T) {
	const day = 86_400_000
	dir := t.TempDir()
	many := func(n, from int) (at []int) {
		for i := range n {
			at = append(at, from+i)
		}
		return at
	}
	for name, c := range map[string]struct {
		at, want []int // milliseconds
		strayed  int64
	}{
		"ahead":        {[]int{0, 1, 9000 * day, 2, 3}, []int{0, 1, 1, 2, 3}, 1},
		"behind":       {[]int{0, 1, -5000 * day, 2, 3}, []int{0, 1, 1, 2, 3}, 1},
		"ahead, a few": {[]int{0, 9000 * day, 9000*day + 1, 2, 9000 * day, 3}, []int{0, 0, 0, 2, 2, 3}, 3},
		"every other": {[]int{0, 9000 * day, 1, 9000*day + 1, 2, 9000*day + 2, 3}, []int{0, 0, 1, 1, 2, 2, 3},
			3},
		"the first": {[]int{9000 * day, 1, 2}, []int{1, 1, 2}, 1},
		"set for good": {slices.Concat(many(3, 0), many(9, 9000*day)),
			slices.Concat(many(3, 0), many(9, 9000*day)), 0},
		"set back for good": {slices.Concat(many(9, 9000*day), many(3, 0)),
			slices.Concat(many(9, 9000*day), many(3, 0)), 0},
		"a night without any": {slices.Concat(many(3, 0), many(3, day*3)), slices.Concat(many(3, 0), many(3, day*3)),
			0},
		"joined in disorder": {slices.Concat(many(100, 0), many(100, 3*day), many(100, 2*day)),
			slices.Concat(many(100, 0), many(100, 3*day), many(100, 2*day)), 0},
		"in the middle of all": {slices.Concat(many(3000, 0), []int{9000 * day}, many(3000, 3000)),
			slices.Concat(many(3000, 0), []int{2999}, many(3000, 3000)), 1},
	} {
		for _, path := range []string{write(t, dir, "x.pcap", timed(t, c.at...)),
			write(t, dir, "x.pcapng", ngFrom(t, c.at...))} {
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			var at []int
			n := int64(0)
			for p := range r.Packets() {
				at = append(at, int(p.Time().Sub(begin)/time.Millisecond))
				if p.Strayed {
					n++
				}
			}
			if report := r.Report(); !slices.Equal(at, c.want) || report.Strayed != c.strayed || n != c.strayed {
				t.Errorf("%s, %s: %v, %v of %d; want %d strayed", name, path, report, at[:min(12, len(at))], len(at),
					c.strayed)
			}
			r.Close()
		}
	}
}

// TestTimeless checks that a time that does not fit 64 bits of nanoseconds is dropped and counted.
func TestTimeless(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	var b blocks
	b.order = binary.LittleEndian
	b.section()
	b.netInterface(Ethernet, 0)
	b.packet(blockPacket, 0, 5_000_000, len(f), f)
	b.packet(blockPacket, 0, 1<<62, len(f), f) // the year 148,000
	b.packet(blockPacket, 0, 6_000_000, len(f), f)
	got, report, err := all(b.Bytes())
	if err != nil || len(got) != 3 || got[1].Nanos != 5e9 || !got[1].Untimed || got[2].Nanos != 6e9 ||
		report.Timeless != 1 || report.Untimed != 1 {
		t.Fatalf("%v, %v", report, err)
	}
	if s := report.String(); s != "3 frames: 3 TCP; 1 without a time, 1 of them with one out of range" {
		t.Error(s)
	}
}
