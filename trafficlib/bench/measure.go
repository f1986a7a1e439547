package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// measurement is the cost of one shape for one side.
type measurement struct {
	who          string
	best, median float64 // seconds of a step
	cpu          float64 // seconds of processor time of a step, of the best round
	compile      float64 // seconds
	peak         int64   // bytes
}

// agree is the largest relative difference between the losses of two sides.
const agree = 1e-4

// measure has the sides train a shape in turn, round by round. Each is a process of its own that
// waits while the others work. It is an error if their losses differ: they would not do the same
// work.
func measure(s shape, all []side, rounds int) (ms []measurement, err error) {
	var at []*process
	defer func() {
		for _, p := range at {
			p.stop()
		}
	}()
	var losses []float64
	seconds := map[string][]float64{}
	for _, one := range all {
		benchkit.Log("%s: %s", s.Name, one.name)
		p, err := one.start()
		if err != nil {
			return nil, err
		}
		a, err := p.ask(request{Shape: &s})
		if errors.Is(err, errNotMade) {
			p.stop()
			continue
		}
		at = append(at, p)
		if err != nil {
			return nil, err
		}
		first, err := p.ask(request{Steps: 3}) // warm-up
		if err != nil {
			return nil, err
		}
		if losses == nil {
			losses = first.Losses
		}
		for k, l := range first.Losses {
			if !(math.Abs(l-losses[k]) <= agree*math.Abs(losses[k])) {
				return nil, fmt.Errorf("%s: the loss of step %d is %v with %s and %v with %s",
					s.Name, k, losses[k], at[0].name, l, p.name)
			}
		}
		ms = append(ms, measurement{who: one.name, compile: a.Compile, cpu: math.Inf(1)})
	}
	for range rounds {
		for k, p := range at {
			time.Sleep(300 * time.Millisecond) // PyTorch's threads keep spinning for a while after a step
			a, err := p.ask(request{Steps: s.steps})
			if err != nil {
				return nil, err
			}
			seconds[p.name] = append(seconds[p.name], a.Seconds...)
			ms[k].cpu = min(ms[k].cpu, a.CPU/float64(s.steps))
		}
	}
	for k, p := range at {
		list := seconds[p.name]
		slices.Sort(list)
		ms[k].best, ms[k].median, ms[k].peak = list[0], list[len(list)/2], p.peak()
	}
	return ms, nil
}

// row is a line of the table: ours against one peer.
type row struct {
	Name   string  `json:"name"`
	Ours   float64 `json:"ours"`
	Peer   float64 `json:"peer"`
	Who    string  `json:"peer_name"`
	Unit   string  `json:"unit"`
	Ratio  float64 `json:"ratio"`
	Target float64 `json:"target,omitempty"` // upper bound of the ratio; 0 means none
}

func newRow(name string, our, peer float64, who, unit string) row {
	return row{Name: name, Ours: our, Peer: peer, Who: who, Unit: unit, Ratio: our / peer}
}

// rows compares the best step of a shape with that of each peer, its median and its processor time
// with those of the best peer, and its memory with that of PyTorch. The first measurement is ours.
func (s shape) rows(ms []measurement) (rows []row) {
	our, best := ms[0], ms[1]
	for _, m := range ms[1:] {
		if m.best < best.best {
			best = m
		}
	}
	for _, m := range ms[1:] {
		r := newRow(s.Name, our.best*1e3, m.best*1e3, m.who, "ms a step, best")
		if m.who == best.who {
			r.Target = s.target
		}
		rows = append(rows, r)
	}
	rows = append(rows,
		newRow(s.Name, our.median*1e3, best.median*1e3, best.who, "ms a step, median"),
		newRow(s.Name, our.cpu*1e3, best.cpu*1e3, best.who, "CPU-ms a step"))
	if m := ms[1]; m.who == "torch" && m.peak > 0 {
		r := newRow(s.Name, float64(our.peak)/1e6, float64(m.peak)/1e6, m.who, "MB at most")
		if s.Name == "lstm-long" {
			r.Target = 1
		}
		rows = append(rows, r)
	}
	return rows
}
