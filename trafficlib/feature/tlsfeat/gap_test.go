package tlsfeat

import (
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Data behind gaps is read when the connection ends. Each gap is counted, and each record is in the
// packet that completes it.
func TestGapsAtEnd(t *testing.T) {
	build := func(lost ...int) (packets []capture.Packet) {
		var w wire
		c, s := w.open(clientAt, serverAt, 1)
		w.cut(c, s, 5000, rec(handshake, msg(clientHello, helloBody()...)...))
		for i := range 20 {
			w.send(s, c, capture.ACK, rec(applicationData, make([]byte, 100+i)...))
		}
		w.send(s, c, capture.FIN|capture.ACK, nil)
		for i, p := range w.packets {
			if back := p.Src == serverAt.Addr(); back && !slices.Contains(lost, i) || i == 3 {
				packets = append(packets, p)
			}
		}
		return packets
	}
	for _, c := range []struct {
		name string
		lost []int // numbers of packets, of which 4 to 23 have data
		gaps int
	}{
		{"nothing", nil, 0},
		{"the first", []int{4}, 1},
		{"one", []int{10}, 1},
		{"three", []int{6, 10, 11, 20}, 3},
		{"the last", []int{23}, 1},
	} {
		packets := build(c.lost...)
		all, report := extract(t, Options{}, packets)
		if len(all) != 1 || all[0].Records != 21-len(c.lost) || all[0].Gaps != c.gaps || report.Gaps != int64(c.gaps) {
			t.Errorf("%s missing: %d sessions, %v, want %d records and %d gaps",
				c.name, len(all), report, 21-len(c.lost), c.gaps)
			continue
		}
		for i, row := range all[0].rows {
			p := packets[i]
			want := 0.0
			if p.Payload > 0 && p.Src == serverAt.Addr() {
				want = float64(p.Payload - headerLength)
			}
			if row[AppData] != want {
				t.Errorf("%s missing: packet %d of %d bytes has %v of data", c.name, i, p.Payload, row[AppData])
			}
			protocols := 0.0
			for _, v := range row[Protocol:Length] {
				protocols += v
			}
			if protocols != 1 || want > 0 && row[Protocol] != 0 {
				t.Errorf("%s missing: packet %d has the protocols %v", c.name, i, row[Protocol:Length])
			}
		}
	}
}

// A record beyond the limit of rows is counted, but is in no row.
func TestGapsBeyondLimit(t *testing.T) {
	var w wire
	c, s := w.open(clientAt, serverAt, 1)
	w.send(s, c, capture.ACK, rec(applicationData, make([]byte, 100)...))
	s.next += 500
	for range 5 {
		w.send(s, c, capture.ACK, rec(applicationData, make([]byte, 10)...))
	}
	all, report := extract(t, Options{Limit: 6}, w.packets)
	if len(all) != 1 || all[0].Records != 6 || all[0].sum(AppData) != 120 || len(all[0].rows) != 6 {
		t.Fatalf("%d sessions, %v", len(all), report)
	}
}
