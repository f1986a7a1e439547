// Package stream scores packets as they arrive: how far each is from what a model expected after
// the earlier packets of its flow.
//
// It takes the snapshot of an rnn.Forecaster and packets, from a file or live (the standard input,
// "-", of capture.Open), and returns alerts: which packet, which feature, what was expected and
// what was seen. Sequences makes the set that such a model learns from, with the same features and
// the same flows; the set and the snapshot record them, so that New needs nothing but the snapshot.
//
//	capture ─▶ Scorer.Add ─▶ flow table with the states of each flow ─▶ model, in batches ─▶ alerts
//
// The model predicts each step of seq.NextStep: before the first packet of a flow it reads a row of
// zeros, so that it expects the first as well. Its states (h, and c of an LSTM) and its last
// prediction stay with the flow, in a table that is bounded as that of package flow is; a flow that
// ends, or is evicted, begins anew. Packets go through the model in batches: when enough are
// waiting, or the first has waited for Options.MaxDelay by the clock of the packets, or at Flush.
// Batches change nothing in the scores but the last digits.
//
// A snapshot's encoder is applied. Models that read backwards, pairs of sequences or classes are
// refused, since they do not say what comes next, and so are models of rows that are not made
// packet by packet.
package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// Options of a Scorer. The zero value takes features and flows as the snapshot records them; where
// it records none, Packets in flows as NFStream has them.
type Options struct {
	Features  Features      // the zero value means Packets
	Rules     flow.Rules    // of flows; the zero value those of the snapshot, a Unit of 0 a microsecond
	Threshold float64       // only scores above it are alerts; 0 makes every score one
	MaxBatch  int           // largest batch; 0 means 2048
	MaxDelay  time.Duration // longest time that a packet waits for its batch; 0 means 100 ms, below 0 no limit
}

func (o Options) filled() Options {
	if o.Features.Put == nil {
		o.Features = Packets
	}
	if o.Rules.Unit == 0 {
		o.Rules.Unit = time.Microsecond
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 2048
	}
	if o.MaxDelay == 0 {
		o.MaxDelay = 100 * time.Millisecond
	}
	return o
}

// An Alert is a packet that a model did not expect. Its slices are valid until the function that
// receives it returns.
type Alert struct {
	File             int   // which of the captures
	Number           int64 // of the packet in its capture, as Wireshark counts
	Time             time.Time
	Src, Dst         netip.Addr // of the packet
	SrcPort, DstPort uint16
	Protocol         uint8
	Position         int64   // of the packet in its flow, from 0
	Score            float64 // mean squared difference of the features
	Feature          int     // the one that differs most, among Names
	Names            []string
	Expected, Seen   []float32 // of all features, encoded
}

// String returns the alert in one line.
func (a Alert) String() string {
	return fmt.Sprintf("packet %d at %s, %v:%d > %v:%d, packet %d of its flow: score %.4g; %s expected %.3g, seen %.3g",
		a.Number, a.Time.Format("15:04:05.000000"), a.Src, a.SrcPort, a.Dst, a.DstPort, a.Position+1, a.Score,
		a.Names[a.Feature], a.Expected[a.Feature], a.Seen[a.Feature])
}

// A Scorer scores packets. One goroutine may use it at a time.
type Scorer struct {
	o       Options
	model   rnn.Forecaster
	encoder *encode.RowEncoder
	engine  *engine
	meter   *flow.Meter
	alert   func(Alert)

	waiting []waiting
	rows    []float32      // of the waiting packets
	first   int64          // time of the first of them
	in      map[int]int    // how many are waiting, by place
	kept    [][]float32    // states and prediction by place, in chunks of keptChunk
	scored  Scored         // so far
	fresh   []float32      // what is kept of a flow that has no packet yet
	pending []int          // scratch of Flush
	results []expectations // of the waiting packets
}

// waiting is a packet that waits, without its data.
type waiting struct {
	seen             flow.PacketInfo
	file             int
	number, nanos    int64
	src, dst         netip.Addr
	srcPort, dstPort uint16
	protocol         uint8
}

// expectations are what the model expected of a packet.
type expectations []float32

// Scored counts.
type Scored struct {
	Packets int64
	Alerts  int64
	Sum     float64 // of scores
	Batches int64   // that went through the model
}

// recipe identifies the rows of Sequences; see Lineage.
const extractor, version = "stream", 1

// recipe is the options of a recipe.
type recipe struct {
	Features []string   `json:"features"`
	Flows    flow.Rules `json:"flows"`
}

// lineage returns what a set of these options records.
func (o Options) lineage() seq.Lineage {
	r := seq.NewRecipe(extractor, version, recipe{o.Features.Names, o.Rules})
	return seq.Lineage{Names: o.Features.Names, Recipe: &r}
}

// recorded returns the options with what the snapshot records of its rows in place of zero values.
// It is an error if its rows are not those that the options make.
func (o Options) recorded(s *snapshot.Snapshot) (Options, error) {
	given := o.Rules
	o = o.filled()
	if len(s.Recipe) == 0 {
		return o, nil
	}
	var made seq.Recipe
	var r recipe
	err := json.Unmarshal(s.Recipe, &made)
	if err == nil && made.Extractor == extractor {
		err = json.Unmarshal(made.Options, &r)
	}
	switch {
	case err != nil:
		return o, fmt.Errorf("stream: the recipe of the snapshot: %w", err)
	case made.Extractor != extractor || made.Version != version:
		return o, fmt.Errorf("stream: the model reads rows that %s %d made, a stream makes those of %s %d",
			made.Extractor, made.Version, extractor, version)
	case !slices.Equal(r.Features, o.Features.Names):
		return o, fmt.Errorf("stream: the model reads the features %q, packets have %q", r.Features, o.Features.Names)
	}
	if given == (flow.Rules{}) {
		o.Rules = r.Flows
	}
	return o, nil
}

// New returns a Scorer for a snapshot, and compiles the model for it, which takes some seconds on
// XLA. It calls alert as packets are scored, in the order in which they came.
func New(backend compute.Backend, s *snapshot.Snapshot, o Options, alert func(Alert)) (*Scorer, error) {
	o, err := o.recorded(s)
	if err != nil {
		return nil, err
	}
	if backend, err = programs.Opened(backend); err != nil {
		return nil, err
	}
	m, err := rnn.Open(s.Model.Kind, s.Model.Description)
	if err != nil {
		return nil, err
	}
	model, ok := m.(rnn.Forecaster)
	n := len(o.Features.Names)
	switch {
	case !ok:
		return nil, fmt.Errorf("stream: a %s does not say what comes next: want a %s", m.Kind(),
			rnn.Forecaster{}.Kind())
	case model.Bidirectional:
		return nil, fmt.Errorf("stream: a bidirectional forecaster reads from the end, which a stream does not have")
	case model.In() != n || model.Out() != n:
		return nil, fmt.Errorf("stream: the model reads %d features and predicts %d, packets have %d",
			model.In(), model.Out(), n)
	case o.MaxBatch < 0:
		return nil, fmt.Errorf("stream: %d packets that wait", o.MaxBatch)
	}
	st := &Scorer{o: o, model: model, alert: alert, in: map[int]int{}}
	if len(s.Encoder) > 0 && !bytes.Equal(s.Encoder, []byte("null")) {
		st.encoder = new(encode.RowEncoder)
		if err := json.Unmarshal(s.Encoder, st.encoder); err != nil {
			return nil, fmt.Errorf("stream: the encoder of the snapshot: %w", err)
		}
		if st.encoder.Features() != n {
			return nil, fmt.Errorf("stream: the encoder of the snapshot is of %d features, packets have %d",
				st.encoder.Features(), n)
		}
	}
	if st.meter, err = flow.NewMeter(o.Rules, func(*flow.Flow) {}); err != nil {
		return nil, err
	}
	if st.engine, err = newEngine(backend, model, s); err != nil {
		return nil, err
	}
	if err := st.begin(); err != nil {
		st.engine.close()
		return nil, err
	}
	return st, nil
}

// Add takes a packet, which is not kept. Packets without a flow have no score.
func (s *Scorer) Add(p *capture.Packet) error {
	seen, ok := s.meter.Track(p)
	if !ok {
		return nil
	}
	if seen.New && s.in[seen.Slot] > 0 || len(s.waiting) >= s.o.MaxBatch || // the flow that had the place goes first
		len(s.waiting) > 0 && s.o.MaxDelay > 0 && p.Nanos-s.first > int64(s.o.MaxDelay) {
		if err := s.Flush(); err != nil {
			return err
		}
	}
	if len(s.waiting) == 0 {
		s.first = p.Nanos
	}
	n := len(s.o.Features.Names)
	s.rows = append(s.rows, make([]float32, n)...)
	row := s.rows[len(s.rows)-n:]
	s.o.Features.Put(row, p, seen)
	if s.encoder != nil {
		s.encoder.Transform(row)
	}
	s.in[seen.Slot]++
	s.waiting = append(s.waiting, waiting{seen, p.File, p.Number, p.Nanos, p.Src, p.Dst, p.SrcPort, p.DstPort,
		p.Protocol})
	return nil
}

// Run adds packets until there are no more, or ctx is done, and flushes.
func (s *Scorer) Run(ctx context.Context, packets iter.Seq[*capture.Packet]) error {
	const every = 1 << 12
	n := 0
	for p := range packets {
		if n%every == 0 && ctx.Err() != nil {
			return fmt.Errorf("stream: stopped after %d packets: %w", n, ctx.Err())
		}
		n++
		if err := s.Add(p); err != nil {
			return err
		}
	}
	return s.Flush()
}

// Scored returns the counts so far.
func (s *Scorer) Scored() Scored { return s.scored }

// Flows returns what is known of the flows so far.
func (s *Scorer) Flows() flow.Report { return s.meter.Report() }

// Close ends all flows and frees what the model takes on the device. Waiting packets are lost; see
// Flush.
func (s *Scorer) Close() {
	s.meter.Close()
	s.engine.close()
}

// scoreWaiting scores the waiting packets, whose expectations are known.
func (s *Scorer) scoreWaiting() {
	n := len(s.o.Features.Names)
	for i, w := range s.waiting {
		expected := s.results[i]
		row := s.rows[i*n:][:n]
		sum, worst, most := 0.0, 0, -1.0
		for k, v := range row {
			d := float64(v) - float64(expected[k])
			sum += d * d
			if math.Abs(d) > most {
				worst, most = k, math.Abs(d)
			}
		}
		score := sum / float64(n)
		s.scored.Packets++
		s.scored.Sum += score
		if score > s.o.Threshold || s.o.Threshold == 0 {
			s.scored.Alerts++
			if s.alert != nil {
				s.alert(Alert{File: w.file, Number: w.number, Time: time.Unix(0, w.nanos).UTC(), Src: w.src,
					Dst: w.dst, SrcPort: w.srcPort, DstPort: w.dstPort,
					Protocol: w.protocol, Position: w.seen.Position, Score: score, Feature: worst, Names: s.o.Features.Names,
					Expected: expected, Seen: row})
			}
		}
	}
}

// Sequences returns the flows of packets as a set, in the order in which they began, for a model to
// learn from (seq.NextStep): a row of features for each packet, not encoded, and the start of each
// flow. Flows of more than longest packets are cut there and the rest is left out; 0 means never.
// It holds all in memory.
func Sequences(packets iter.Seq[*capture.Packet], o Options, longest int) (*seq.Set, error) {
	o = o.filled()
	m, err := flow.NewMeter(o.Rules, func(*flow.Flow) {})
	if err != nil {
		return nil, err
	}
	n := len(o.Features.Names)
	at := map[int]int{} // the sequence of each slot
	var all [][]float32
	var starts []time.Time
	for p := range packets {
		seen, ok := m.Track(p)
		if !ok || longest > 0 && seen.Position >= int64(longest) {
			continue
		}
		if seen.New {
			at[seen.Slot] = len(all)
			all, starts = append(all, nil), append(starts, time.Unix(0, p.Nanos).UTC())
		}
		k := at[seen.Slot]
		all[k] = append(all[k], make([]float32, n)...)
		o.Features.Put(all[k][len(all[k])-n:], p, seen)
	}
	set := seq.New(n, all...).WithLineage(o.lineage())
	if len(all) == 0 {
		return set, nil
	}
	return set.WithStarts(starts...), nil
}
