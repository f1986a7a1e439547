package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/conversation"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

//go:embed original.py
var originalProgram []byte

// conversations describes a file of encoded packets and how to train on them.
type conversations struct {
	File     string  `json:"file"`    // float32, little endian, [sum of Lengths][Features]
	Lengths  []int   `json:"lengths"` // packets of each conversation
	Features int     `json:"features"`
	Hidden   int     `json:"hidden"`
	Read     int     `json:"read"` // packets of each that the model reads; it writes the others
	Rate     float64 `json:"rate"`
}

// original measures training on the bundled TCP conversations, in batches as package fit does,
// beside the loop of notebook 2's original, which takes one conversation at a time. It compares
// processor time per packet, so that the number of busy cores does not matter. The conversations
// are repeated eight times, since there are too few to fill batches of similar lengths, as the
// 81,895 of the original do. The target is for the loop as published; the row of one thread, which
// never waits for others, has none.
func original(b *bench) ([]row, error) {
	c, err := b.bundled()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(b.dir, "original.py")
	if err := os.WriteFile(program, originalProgram, 0o666); err != nil {
		return nil, err
	}
	python := b.sides[1].args[0]
	sides := []side{
		b.sides[0],
		{"torch, its loop", []string{python, program, "0"}, b.sides[1].env},
		{"torch, one thread", []string{python, program, "1"}, b.sides[1].env},
	}
	steps := []int{1, 120, 120} // of a round: epochs of ours, iterations of the loops
	best := slices.Repeat([]float64{math.Inf(1)}, len(sides))
	var at []*process
	defer func() {
		for _, p := range at {
			p.stop()
		}
	}()
	for k, one := range sides {
		p, err := one.start()
		if err != nil {
			return nil, err
		}
		at = append(at, p)
		if _, err := p.ask(request{Pairs: c}); err != nil {
			return nil, err
		}
		if _, err := p.ask(request{Steps: max(1, steps[k]/12)}); err != nil { // warm-up
			return nil, err
		}
	}
	for range b.rounds {
		for k, p := range at {
			time.Sleep(300 * time.Millisecond) // PyTorch's threads keep spinning for a while after a step
			a, err := p.ask(request{Steps: steps[k]})
			if err != nil {
				return nil, err
			}
			best[k] = min(best[k], a.CPU/float64(a.Packets))
		}
	}
	var rows []row
	for k := 1; k < len(sides); k++ {
		r := newRow("original", best[0]*1e6, best[k]*1e6, sides[k].name, "CPU-µs a packet")
		if k == 1 {
			r.Target = 1.0 / 20
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// bundled writes the encoded conversations of notebook 2's capture to a file.
func (b *bench) bundled() (*conversations, error) {
	p, err := conversation.Read(benchkit.Quiet(), "notebooks/data/tcp/lan.pcap.gz", nil)
	if err != nil {
		return nil, err
	}
	clean, _ := conversation.Clean(p.Table, conversation.Protocols{})
	t, err := conversation.Cut(clean, conversation.Rules{})
	if err != nil {
		return nil, err
	}
	encoder, err := encode.FitTable(t, conversation.Features(false)...)
	if err != nil {
		return nil, err
	}
	rows, err := encoder.Encode(t)
	if err != nil {
		return nil, err
	}
	c := &conversations{File: filepath.Join(b.dir, "conversations.f32"), Features: encoder.Features(), Hidden: 256,
		Read: 3, Rate: 1e-4}
	for _, n := range conversation.Summary(t).Float64s("packets") {
		c.Lengths = append(c.Lengths, int(n))
	}
	const times = 8
	c.Lengths, rows = slices.Repeat(c.Lengths, times), slices.Repeat(rows, times)
	var data bytes.Buffer
	if err := binary.Write(&data, binary.LittleEndian, rows); err != nil {
		return nil, err
	}
	return c, os.WriteFile(c.File, data.Bytes(), 0o666)
}

// set reads the sequences of the file.
func (c *conversations) set() (*seq.Set, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	var all [][]float32
	for _, n := range c.Lengths {
		rows := make([]float32, n*c.Features)
		if err := binary.Read(in, binary.LittleEndian, rows); err != nil {
			return nil, err
		}
		all = append(all, rows)
	}
	return seq.New(c.Features, all...), nil
}

// batched is a training of package fit that runs a few epochs at a time, on request. It is the
// progress sink of the training, which it holds up between requests.
type batched struct {
	packets int        // of an epoch
	each    int        // steps of an epoch
	until   chan int64 // the step to run to
	there   chan error // answers until: that the step is reached, or an error
	done    int64
	end     int64
}

// Update holds the training up at the step that it was asked to run to.
func (t *batched) Update(u progress.Update) {
	t.done = u.Done
	if t.done == t.end {
		t.there <- nil
		t.end = <-t.until
	}
}

func newBatched(backend string, c *conversations) (*batched, error) {
	var b compute.Backend
	b, err := device.Open(backend)
	if err != nil {
		return nil, err
	}
	set, err := c.set()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(c.File), "run-") // removed with the file
	if err != nil {
		return nil, err
	}
	const size, epochs = 64, 1 << 20
	t := &batched{each: (set.Len() + size - 1) / size, until: make(chan int64), there: make(chan error)}
	for _, n := range c.Lengths {
		t.packets += n
	}
	model := rnn.Seq2Seq{Cell: rnn.GRU, Features: c.Features, Hidden: c.Hidden, First: rnn.FirstTarget,
		Input: rnn.LeakyReLU, Init: rnn.TorchInit}
	untrained, err := fit.New(model, 0)
	if err != nil {
		return nil, err
	}
	go func() {
		t.end = <-t.until
		_, err := fit.Train(progress.With(context.Background(), t), b, untrained, set.Continue(c.Read), fit.Config{
			Dir: dir, Epochs: epochs, BatchSize: size, Buckets: 12, Reduction: fit.Summed,
			Optimizer: fit.SGD, LearningRate: c.Rate,
		})
		t.there <- fmt.Errorf("the training ended: %w", err)
	}()
	return t, nil
}

// epochs runs n epochs.
func (t *batched) epochs(n int) (a answer, err error) {
	before := benchkit.CPU()
	t.until <- t.done + int64(n*t.each)
	err = <-t.there
	return answer{CPU: benchkit.CPU() - before, Packets: n * t.packets}, err
}
