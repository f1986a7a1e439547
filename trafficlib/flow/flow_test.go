package flow

import (
	"context"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

const lan = "../../notebooks/data/tcp/lan.pcap.gz"

var client, server = netip.MustParseAddr("10.0.0.9"), netip.MustParseAddr("10.0.0.2")

// quiet discards progress.
type quiet struct{}

func (quiet) Update(progress.Update) {}

func silent(ctx context.Context) context.Context { return progress.With(ctx, quiet{}) }

// tcp returns a packet of a connection, ms milliseconds after 1970, from the client or to it.
func tcp(ms int64, from bool, flags capture.Flags, payload int) *capture.Packet {
	p := &capture.Packet{Number: ms + 1, Nanos: ms * 1e6, Length: 54 + payload, Kind: capture.Decoded, IPVersion: 4,
		Src: client, Dst: server, SrcPort: 50000, DstPort: 80,
		Protocol: capture.TCP, Flags: flags, Header: 20, IPHeader: 20, IPLength: 40 + payload, Payload: payload,
		Window: uint16(1000 + ms)}
	if !from {
		p.Src, p.Dst, p.SrcPort, p.DstPort = server, client, 80, 50000
	}
	return p
}

// flows returns the flows of packets.
func flows(t *testing.T, r Rules, packets ...*capture.Packet) (all []Flow) {
	t.Helper()
	for f := range All(slices.Values(packets), r) {
		all = append(all, *f)
	}
	return all
}

// ends returns the number of packets and the end of each flow.
func ends(all []Flow) (s []any) {
	for _, f := range all {
		s = append(s, f.Packets(), f.End)
	}
	return s
}

func TestStats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var whole, parts Stats
		var sum, squares big.Int
		n := 2 + r.IntN(50)
		for range n {
			v := r.Int64N(1<<r.IntN(57)+1) - r.Int64N(1000)
			whole.Add(v)
			var part Stats
			part.Add(v)
			part.Merge(Stats{})
			parts.Merge(part)
			b := big.NewInt(v)
			sum.Add(&sum, b)
			squares.Add(&squares, b.Mul(b, b))
		}
		if whole != parts {
			t.Fatalf("%+v merged, %+v added", parts, whole)
		}
		num := new(big.Int).Mul(big.NewInt(int64(n)), &squares)
		num.Sub(num, sum.Mul(&sum, &sum))
		want, _ := new(big.Rat).SetFrac(num, big.NewInt(int64(n)*int64(n-1))).Float64()
		if got := whole.Variance(); math.Abs(got-want) > 1e-14*want {
			t.Errorf("variance %v, want %v", got, want)
		}
	}
	var none Stats
	if none.Mean() != 0 || none.Variance() != 0 || none.Std() != 0 {
		t.Errorf("of none: %v %v", none.Mean(), none.Variance())
	}
}

func TestTimeouts(t *testing.T) {
	r := Rules{Idle: 100 * time.Millisecond, Active: 250 * time.Millisecond, Unit: time.Millisecond}
	for _, c := range []struct {
		at   []int64
		want []any
	}{
		{[]int64{0, 99, 198}, []any{int64(3), Flushed}},
		{[]int64{0, 100, 199}, []any{int64(1), Idle, int64(2), Flushed}},
		{[]int64{0, 90, 180, 249}, []any{int64(4), Flushed}},
		{[]int64{0, 90, 180, 250, 260}, []any{int64(3), Active, int64(2), Flushed}},
		{[]int64{5, 3, 4, 6}, []any{int64(4), Flushed}},
	} {
		var packets []*capture.Packet
		for i, ms := range c.at {
			packets = append(packets, tcp(ms, i%2 == 0, capture.ACK, 10))
		}
		if got := ends(flows(t, r, packets...)); !slices.Equal(got, c.want) {
			t.Errorf("packets at %v: %v, want %v", c.at, got, c.want)
		}
	}
	forever := flows(t, Rules{Idle: -1, Active: -1}, tcp(0, true, 0, 1), tcp(1e9, true, 0, 1))
	if len(forever) != 1 || forever[0].Gaps.Max != 1e15 {
		t.Errorf("without timeouts: %v", ends(forever))
	}
	// A packet that is older than the last one has that one's time.
	if f := flows(t, r, tcp(5, true, 0, 1), tcp(3, true, 0, 1))[0]; f.Gaps.Min != 0 || f.Duration() != 0 || f.First != 5 {
		t.Errorf("time ran backwards: %+v", f.Summary)
	}
}

func TestTCPEnds(t *testing.T) {
	const S, A, F, R = capture.SYN, capture.ACK, capture.FIN, capture.RST
	closed := []*capture.Packet{tcp(0, true, S, 0), tcp(1, false, S|A, 0), tcp(2, true, A, 5), tcp(3, true, F|A, 0),
		tcp(4, false, A, 9), tcp(5, false, F|A, 0), tcp(6, true, A, 0), tcp(7, true, S, 0), tcp(8, false, R|A, 0),
		tcp(9, true, S, 0)}
	for _, c := range []struct {
		end     TCPEnd
		packets []*capture.Packet
		want    []any
	}{
		{NoTCPEnd, closed, []any{int64(10), Flushed}},
		{FirstFIN, closed, []any{int64(4), Closed, int64(2), Closed, int64(4), Flushed}},
		{AtClose, closed, []any{int64(7), Closed, int64(2), Closed, int64(1), Flushed}},
		// no last ACK, and a new connection on the same ports
		{AtClose, []*capture.Packet{tcp(0, true, F|A, 0), tcp(1, false, F|A, 0), tcp(2, true, S, 0)},
			[]any{int64(2), Closed, int64(1), Flushed}},
		// a repeated FIN, and data after the other side's FIN
		{AtClose,
			[]*capture.Packet{tcp(0, true, F|A, 0), tcp(1, true, F|A, 0), tcp(2, false, A, 7), tcp(3, false, F|A, 0),
				tcp(4, false, F|A, 0), tcp(5, true, A, 0)}, []any{int64(6), Closed}},
	} {
		if got := ends(flows(t, Rules{TCP: c.end}, c.packets...)); !slices.Equal(got, c.want) {
			t.Errorf("rule %d: %v, want %v", c.end, got, c.want)
		}
	}
}

func TestDirection(t *testing.T) {
	r := Rules{Active: 10 * time.Millisecond}
	packets := []*capture.Packet{tcp(0, true, 0, 1), tcp(9, false, 0, 2), tcp(10, false, 0, 3)}
	if f := flows(t, r, packets...)[1]; f.Src != server || f.Forward.Sizes.N != 1 {
		t.Errorf("cut: %v sent first: %+v", f.Src, f.Summary)
	}
	r.KeepDirection = true
	f := flows(t, r, packets...)[1]
	if f.Src != client || f.Forward.Sizes.N != 0 || f.Backward.Sizes.N != 1 || f.Forward.Window != -1 ||
		f.Backward.Window != 1010 {
		t.Errorf("cut, direction kept: %v sent first: %+v", f.Src, f.Summary)
	}
	if forward, ok := f.Has(packets[2]); forward || !ok {
		t.Errorf("Has: %v, %v", forward, ok)
	}
}

// The table never exceeds its limit: the flow that was silent for the longest time is evicted.
func TestMost(t *testing.T) {
	var all []*capture.Packet
	for i := range 1000 {
		p := tcp(int64(i), true, 0, 1)
		p.SrcPort = uint16(i)
		all = append(all, p)
	}
	for _, most := range []int{1, 10, 100} {
		var gave []Flow
		m, err := NewMeter(Rules{Most: most}, func(f *Flow) { gave = append(gave, *f) })
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			m.Add(p)
		}
		m.Add(&capture.Packet{Kind: capture.NotIP})
		m.Close()
		r := m.Report()
		if r.Flows != 1000 || r.Evicted() != int64(1000-most) || r.Ends[Flushed] != int64(most) || r.Peak != int64(most) ||
			r.Left != 1 {
			t.Errorf("at most %d: %v, peak %d", most, r, r.Peak)
		}
		if most == 1 && !slices.IsSortedFunc(gave, func(a, b Flow) int { return int(a.First - b.First) }) {
			t.Error("not the oldest first")
		}
	}
	for _, r := range []Rules{{Most: -1}, {Unit: -1}, {TCP: 9}, {Size: 9}} {
		if _, err := NewMeter(r, nil); err == nil {
			t.Errorf("%+v: no error", r)
		}
	}
}

// The pieces of a flow yield the whole flow, joined in any order that keeps neighbors together or
// merged in any order at all.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		var packets []*capture.Packet
		at := int64(0)
		for range 2 + r.IntN(60) {
			at += r.Int64N(50)
			p := tcp(at, r.IntN(3) > 0, capture.Flags(r.IntN(256)), r.IntN(1400))
			p.Number = int64(len(packets) + 1)
			packets = append(packets, p)
		}
		whole := flows(t, Rules{}, packets...)[0]
		var pieces []*Flow
		for rest := packets; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			f := flows(t, Rules{}, rest[:n]...)[0]
			pieces, rest = append(pieces, &f), rest[n:]
		}
		for range 10 {
			// any tree of joins
			parts := make([]Summary, len(pieces))
			for i, p := range pieces {
				parts[i] = p.Summary
				if p.Src != whole.Src {
					parts[i] = p.Turn()
				}
			}
			for len(parts) > 1 {
				i := r.IntN(len(parts) - 1)
				parts[i].Append(parts[i+1])
				parts = slices.Delete(parts, i+1, i+2)
			}
			if parts[0] != whole.Summary {
				t.Fatalf("joined\n%+v, whole\n%+v", parts[0], whole.Summary)
			}
			shuffled := slices.Clone(pieces)
			r.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
			if got := *Merge(shuffled...); got != whole {
				t.Fatalf("merged\n%+v, whole\n%+v", got, whole)
			}
		}
	}
}

// The flows are the same for any number of cores, and if the packets arrive one by one.
func TestSameOnAllCores(t *testing.T) {
	p := CICFlowMeter
	p.Rules.Most = 40 // so that some are evicted
	var reports []string
	var first []string
	for _, n := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(n)
		got, err := Read(silent(t.Context()), p, lan, "../../notebooks/data/tls")
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if got.Report.Evicted() == 0 || got.Report.Left+got.Report.Packets != got.Capture.Frames || got.Report.Peak > 40 {
			t.Errorf("%v; %v", got.Report, got.Capture)
		}
		var text []string
		for _, name := range got.Table.Names() {
			text = append(text, got.Table.Strings(name)...)
		}
		reports = append(reports, got.Report.String())
		if n > 1 && !slices.Equal(first, text) {
			t.Errorf("%d cores give another table", n)
		}
		first = text
	}
	if slices.ContainsFunc(reports, func(s string) bool { return s != reports[0] }) {
		t.Errorf("%q", reports)
	}
}

func TestReadRefuses(t *testing.T) {
	if _, err := Read(t.Context(), NFStream, "gone"); err == nil {
		t.Error("no file: no error")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(done, NFStream, lan); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	p := NFStream
	p.Rules.Most = -1
	if _, err := Read(t.Context(), p, lan); err == nil {
		t.Error("no flows: no error")
	}
}

// A loop that stops early gets no more flows.
func TestAllStops(t *testing.T) {
	n := 0
	for range All(slices.Values([]*capture.Packet{tcp(0, true, capture.FIN, 0), tcp(1, true, capture.FIN, 0),
		tcp(2, true, 0, 0)}), Rules{TCP: FirstFIN}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d flows", n)
	}
}

// Records must contain no pointers for the garbage collector.
func TestNoPointers(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[record](), reflect.TypeFor[packet](), reflect.TypeFor[Activity]()} {
		if hasPointers(typ) {
			t.Errorf("%v has pointers", typ)
		}
	}
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Array:
		return hasPointers(t.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.String, reflect.Interface, reflect.Func, reflect.Chan,
		reflect.UnsafePointer:
		return true
	}
	return false
}
