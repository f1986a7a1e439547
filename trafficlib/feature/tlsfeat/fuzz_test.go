package tlsfeat

import (
	"math"
	"runtime"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// FuzzRecords passes bytes to the parser, whole and in pieces, which must yield the same.
func FuzzRecords(f *testing.F) {
	f.Add(rec(handshake, msg(clientHello, helloBody()...)...), uint8(7))
	f.Add(flight(), uint8(3))
	f.Add(cat(rec(handshake, msg(clientKeyExchange, 2, 1, 2)...), rec(changeCipherSpec, 1),
		rec(handshake, make([]byte, 40)...), rec(applicationData, 1, 2)), uint8(1))
	f.Add([]byte{0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16, 7, 0, 0xc0, 5, 0, 0x80, 0, 0, 4, 1, 2, 3}, uint8(100))
	f.Add(cat([]byte("EHLO\r\nSTARTTLS\r\n"), rec(handshake, msg(clientHello, helloBody()...)...), flight()), uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		if len(data) > 1<<20 {
			return
		}
		run := func(n int) (sums [Width]float64) {
			var w wire
			c, s := w.open(clientAt, serverAt, 1)
			w.cut(c, s, n, data)
			w.cut(s, c, n, data)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			x, err := NewExtractor(Options{Limit: 100}, func(s *Session) error {
				var row []float64
				for i := range s.Rows() {
					row = s.AppendRow(row[:0], i)
					for at, v := range row {
						if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
							t.Fatalf("%s is %v", Features()[at].Name, v)
						}
						sums[at] += v
					}
				}
				s.AppendLine(nil)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i := range w.packets {
				x.Add(&w.packets[i])
			}
			runtime.ReadMemStats(&after)
			const fixed, each = 1 << 20, 64
			if used := after.TotalAlloc - before.TotalAlloc; used > fixed+each*uint64(2*len(data)+100*len(w.packets)) {
				t.Fatalf("%d bytes allocated for %d", used, len(data))
			}
			x.Flush()
			return sums
		}
		whole := run(len(data) + 1)
		if n == 0 || len(data)/int(n) > 45 || !wellFormed(data) { // beyond the limit of rows, or reading resumes at segments
			return
		}
		cut := run(int(n))
		// The contents of the records are the same. How often a feature is set is not: several records in
		// a packet set it once.
		for _, at := range []int{HelloLength, SuitesLength, ServerHello, KeyExchange, Encrypted, ChangeCipher, AppData} {
			if whole[at] != cut[at] {
				t.Errorf("%s %s adds up to %v, cut into pieces of %d to %v",
					Features()[at].Message, Features()[at].Name, whole[at], n, cut[at])
			}
		}
	})
}

// wellFormed reports whether all headers of records are in place.
func wellFormed(data []byte) bool {
	for len(data) >= headerLength {
		_, _, n, ok := recordHeader(data)
		if !ok {
			return false
		}
		data = data[min(headerLength+n, len(data)):]
	}
	return true
}

// FuzzSegments loses, repeats and reorders the packets of two sessions, as the bytes of order say.
func FuzzSegments(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 200, 100, 50}, uint16(700))
	f.Fuzz(func(t *testing.T, order []byte, n uint16) {
		if n < 20 || len(order) > 4096 {
			return
		}
		var w wire
		w.session(clientAt, serverAt, 1<<31-10, int(n))
		w.session(serverAt, clientAt, 77, int(n))
		packets := make([]capture.Packet, 0, len(order))
		for _, o := range order {
			p := w.packets[int(o)%len(w.packets)]
			if o > 200 { // cut by the capture
				p.Body = p.Body[:len(p.Body)/2]
			}
			packets = append(packets, p)
		}
		all, report := extract(t, Options{}, packets)
		rows := 0
		for _, k := range all {
			rows += len(k.rows)
		}
		if int64(len(all)) != report.Sessions || int64(rows) != report.Rows || rows > len(packets) {
			t.Errorf("%d sessions of %d packets, %v", len(all), rows, report)
		}
	})
}
