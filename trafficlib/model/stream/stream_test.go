package stream

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

const lan = "../../../notebooks/data/tcp/lan.pcap.gz"

// quiet discards progress.
type quiet struct{}

func (quiet) Update(progress.Update) {}

// packets returns the first packets of a capture.
func packets(t *testing.T, most int) (all []*capture.Packet) {
	t.Helper()
	r, err := capture.Open(lan)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for p := range r.Packets() {
		if len(all) == most {
			break
		}
		q := *p
		q.Data, q.Options, q.Body = nil, nil, nil
		all = append(all, &q)
	}
	return all
}

// run scores packets.
func run(t *testing.T, s *snapshot.Snapshot, o Options, all []*capture.Packet) (alerts []Alert, st *Scorer) {
	t.Helper()
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	st, err = New(backend, s, o, func(a Alert) {
		a.Expected, a.Seen = slices.Clone(a.Expected), slices.Clone(a.Seen)
		alerts = append(alerts, a)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Run(t.Context(), slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	return alerts, st
}

// Packets that arrive one by one have the same scores as in whole flows, in any order of waiting
// and with any cell.
func TestSameAsWhole(t *testing.T) {
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	n := len(Packets.Names)
	lowest, highest := make([]float64, n), make([]float64, n)
	for i := range highest {
		highest[i] = 2
	}
	e, err := encode.MinMax(lowest, highest)
	if err != nil {
		t.Fatal(err)
	}
	all := packets(t, 400)
	for name, c := range map[string]struct {
		model   rnn.Forecaster
		encoder *encode.RowEncoder
	}{
		"lstm": {rnn.Forecaster{Features: n, Hidden: 8, Dense: true}, nil},
		"gru, two layers": {rnn.Forecaster{Cell: rnn.GRU, Features: n, Hidden: 8, Layers: 2, LayerNorm: true, Dense: true,
			Output: rnn.SigmoidOutput}, nil},
		"peepholes, coded": {rnn.Forecaster{Features: n, Peephole: true}, e},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := fit.New(c.model, 3)
			if err != nil {
				t.Fatal(err)
			}
			set, err := Sequences(slices.Values(all), Options{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			var sequences [][]float32
			steps := 0
			for i := range set.Len() {
				row := slices.Clone(set.At(i))
				if c.encoder != nil {
					c.encoder.Transform(row)
				}
				sequences = append(sequences, row)
				steps += len(row) / n
			}
			if c.encoder != nil {
				if s.Encoder, err = json.Marshal(c.encoder); err != nil {
					t.Fatal(err)
				}
			}
			whole, err := fit.Predict(progress.With(t.Context(), quiet{}), backend, s,
				seq.NextStep{Set: seq.New(n, sequences...)})
			if err != nil {
				t.Fatal(err)
			}
			var before []Alert
			for _, o := range []Options{{}, {MaxBatch: 3}, {MaxBatch: 97, MaxDelay: -1}, {MaxBatch: 100000, MaxDelay: -1}} {
				got, st := run(t, s, o, all)
				if len(got) != steps || st.Scored().Packets != int64(steps) {
					t.Fatalf("%+v: %d scores, want %d", o, len(got), steps)
				}
				if before == nil {
					compareWhole(t, got, whole, n)
				}
				for i := range before {
					if got[i].Number != before[i].Number || math.Abs(got[i].Score-before[i].Score) > 1e-5 {
						t.Fatalf("%+v: %v, otherwise %v", o, got[i], before[i])
					}
				}
				before = got
				if !slices.IsSortedFunc(got, func(a, b Alert) int { return int(a.Number - b.Number) }) {
					t.Errorf("%+v: not in the order of packets", o)
				}
			}
		})
	}
}

// compareWhole compares the expectation for each packet with the prediction of its step. Flows and
// sequences begin in the same order.
func compareWhole(t *testing.T, got []Alert, whole *fit.Predictions, n int) {
	t.Helper()
	type ends struct{ a, b netip.AddrPort }
	sequence, step := map[ends]int{}, map[ends]int{}
	begun := 0
	for _, a := range got {
		k := ends{netip.AddrPortFrom(a.Src, a.SrcPort), netip.AddrPortFrom(a.Dst, a.DstPort)}
		if k.b.Compare(k.a) < 0 {
			k.a, k.b = k.b, k.a
		}
		k.a = netip.AddrPortFrom(k.a.Addr(), k.a.Port()^uint16(a.Protocol)<<8)
		if a.Position == 0 {
			sequence[k], step[k] = begun, 0
			begun++
		}
		i, at := sequence[k], step[k]
		step[k]++
		if int64(at) != a.Position {
			t.Fatalf("%v is step %d of sequence %d", a, at, i)
		}
		g, w := whole.Got.At(i)[at*n:][:n], whole.Want.At(i)[at*n:][:n]
		for f, v := range a.Expected {
			if math.Abs(float64(v-g[f])) > 1e-5 || a.Seen[f] != w[f] {
				t.Fatalf("%v\nexpected %v, whole %v\nseen %v, whole %v", a, a.Expected, g, a.Seen, w)
			}
		}
	}
	if begun != whole.Got.Len() || begun < 10 {
		t.Errorf("%d flows, %d sequences", begun, whole.Got.Len())
	}
}

// A model that has learned normal traffic reports what is unusual, and in which feature.
func TestAlerts(t *testing.T) {
	n := len(Packets.Names)
	// All weights but the biases are zero: the model always expects 0.5 of each feature.
	s, err := fit.New(rnn.Forecaster{Features: n, Hidden: 4, Dense: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range s.Weights {
		for i := range w.Data {
			w.Data[i] = 0
			if name == "dense/bias" {
				w.Data[i] = 0.5
			}
		}
	}
	all := packets(t, 400)
	got, st := run(t, s, Options{Threshold: 0.19}, all)
	did := st.Scored()
	if len(got) == 0 || did.Alerts != int64(len(got)) || did.Packets <= did.Alerts || did.Packets != st.Flows().Packets {
		t.Fatalf("%d alerts, %+v, %v", len(got), did, st.Flows())
	}
	for _, a := range got {
		most := 0.0
		for f := range a.Seen {
			most = max(most, math.Abs(float64(a.Seen[f]-a.Expected[f])))
		}
		if a.Score <= 0.19 || math.Abs(float64(a.Seen[a.Feature])-0.5) != most || a.Expected[0] != 0.5 {
			t.Errorf("%+v", a)
		}
	}
	a := got[0]
	p := all[a.Number-1]
	if a.Src != p.Src || a.DstPort != p.DstPort || a.Time != p.Time() ||
		!strings.Contains(a.String(), "expected 0.5, seen ") {
		t.Errorf("%v of %v", a, p)
	}
	// With room for one flow, each packet of another flow starts anew.
	_, st = run(t, s, Options{Rules: flow.Rules{Most: 1}}, all)
	if r := st.Flows(); r.Evicted() == 0 || st.Scored().Packets != r.Packets {
		t.Errorf("%+v, %v", st.Scored(), r)
	}
}

func TestRefuses(t *testing.T) {
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	n := len(Packets.Names)
	for want, m := range map[string]rnn.Model{
		"want a forecaster":         rnn.Seq2Seq{Features: n, Hidden: 4},
		"which a stream does not":   rnn.Forecaster{Features: n, Hidden: 4, Dense: true, Last: true, Bidirectional: true},
		"the model reads 3 feature": rnn.Forecaster{Features: 3},
	} {
		s, err := fit.New(m, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := New(backend, s, Options{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	s, err := fit.New(rnn.Forecaster{Features: n}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(backend, s, Options{MaxBatch: -1}, nil); err == nil {
		t.Error("-1 waiting: no error")
	}
	st, err := New(backend, s, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := st.Run(done, slices.Values(packets(t, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	s.Encoder = json.RawMessage(`{"kind":"x"}`)
	if _, err := New(backend, s, Options{}, nil); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("encoder: %v", err)
	}
	s.Encoder = nil
	delete(s.Weights, "lstm/bias")
	if _, err := New(backend, s, Options{}, nil); err == nil {
		t.Error("no weights: no error")
	}
}

// A packet waits no longer than its limit, by the clock of the packets.
func TestWait(t *testing.T) {
	n := len(Packets.Names)
	s, err := fit.New(rnn.Forecaster{Features: n}, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, quick := run(t, s, Options{MaxDelay: time.Nanosecond}, packets(t, 50))
	_, slow := run(t, s, Options{MaxDelay: time.Hour}, packets(t, 50))
	if q, w := quick.Scored().Batches, slow.Scored().Batches; q < 10 || w >= q {
		t.Errorf("%d batches at once, %d with time", q, w)
	}
}

// TestAgain checks that the streams of one model share compiled graphs, each with its own weights.
func TestAgain(t *testing.T) {
	model := rnn.Forecaster{Features: len(Packets.Names), Hidden: 8, Dense: true}
	all := packets(t, 100)
	scores := func(seed int64) (scores []float64) {
		s, err := fit.New(model, seed)
		if err != nil {
			t.Fatal(err)
		}
		alerts, _ := run(t, s, Options{MaxBatch: 1000, MaxDelay: -1}, all)
		for _, a := range alerts {
			scores = append(scores, a.Score)
		}
		return scores
	}
	first := scores(1)
	made := programs.Made()
	if other := scores(2); slices.Equal(first, other) {
		t.Error("other weights have the same scores")
	}
	if again := scores(1); !slices.Equal(first, again) {
		t.Errorf("again: %v\nat first: %v", again, first)
	}
	if n := programs.Made() - made; n != 0 {
		t.Errorf("%d graphs were compiled again", n)
	}
}

// TestRecorded checks that a snapshot records how its rows were made, and that a stream that makes
// other rows is refused.
func TestRecorded(t *testing.T) {
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	rules := flow.Rules{Idle: time.Second, Unit: time.Millisecond}
	set, err := Sequences(slices.Values(packets(t, 60)), Options{Rules: rules}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Names(), Packets.Names) || set.About(0).Start.IsZero() {
		t.Errorf("names %q, the first flow begins at %v", set.Names(), set.About(0).Start)
	}
	first, err := fit.New(rnn.Forecaster{Features: set.Features(), Hidden: 4, Dense: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := fit.Train(progress.With(t.Context(), quiet{}), backend, first, set.NextStep(),
		fit.Config{Dir: t.TempDir(), Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := trained.Snapshot
	if o, err := (Options{}).recorded(s); err != nil || o.Rules != rules {
		t.Errorf("the flows of the set: %+v, %v, want %+v", o.Rules, err, rules)
	}
	if o, err := (Options{Rules: flow.Rules{Idle: time.Hour}}).recorded(s); err != nil || o.Rules.Idle != time.Hour {
		t.Errorf("other flows: %+v, %v", o.Rules, err)
	}
	other := Packets
	other.Names = slices.Clone(other.Names)
	other.Names[0] = "backward"
	if _, err := New(backend, s, Options{Features: other}, nil); err == nil ||
		!strings.Contains(err.Error(), `packets have ["backward"`) {
		t.Errorf("other features: %v", err)
	}
	s.Recipe = json.RawMessage(`{"extractor":"tlsfeat","version":1}`)
	if _, err := New(backend, s, Options{}, nil); err == nil ||
		err.Error() != "stream: the model reads rows that tlsfeat 1 made, a stream makes those of stream 1" {
		t.Errorf("rows of another kind: %v", err)
	}
}
