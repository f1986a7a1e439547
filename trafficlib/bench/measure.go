package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// measurement is what one side needs for one shape.
type measurement struct {
	who          string
	best, median float64 // seconds of a step
	cpu          float64 // seconds of processor time of a step, of the best round
	compile      float64 // seconds
	peak         int64   // bytes
}

// agree is how far the losses of two sides may be apart, relatively.
const agree = 1e-4

// measure has the sides train a shape in turn, round by round, each in a process of its own that waits while the others
// work. Where their losses differ, they do not do the same, and there is nothing to compare.
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
		fmt.Fprintf(os.Stderr, "%s: %s …\n", s.Name, one.name)
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
		first, err := p.ask(request{Steps: 3}) // what is slow at first is not counted
		if err != nil {
			return nil, err
		}
		if losses == nil {
			losses = first.Losses
		}
		for k, l := range first.Losses {
			if !(math.Abs(l-losses[k]) <= agree*math.Abs(losses[k])) {
				return nil, fmt.Errorf("%s: the loss of step %d is %v with %s and %v with %s", s.Name, k, losses[k], at[0].name, l, p.name)
			}
		}
		ms = append(ms, measurement{who: one.name, compile: a.Compile, cpu: math.Inf(1)})
	}
	for range rounds {
		for k, p := range at {
			time.Sleep(300 * time.Millisecond) // PyTorch's threads wait for work at full speed for a while
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

// row is a line of the output: ours against one peer.
type row struct {
	Name   string  `json:"name"`
	Ours   float64 `json:"ours"`
	Peer   float64 `json:"peer"`
	Who    string  `json:"peer_name"`
	Unit   string  `json:"unit"`
	Ratio  float64 `json:"ratio"`
	Target float64 `json:"target,omitempty"` // of the ratio at most, on the row that it is meant for
}

func newRow(name string, our, peer float64, who, unit string) row {
	return row{Name: name, Ours: our, Peer: peer, Who: who, Unit: unit, Ratio: our / peer}
}

// rows gives the best step of a shape against that of each peer, its median and its processor time against those of
// the best peer, and the memory against PyTorch's.
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
