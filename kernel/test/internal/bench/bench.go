// Package bench measures what a person at a notebook waits for: of this kernel, GoNB alone and
// ipykernel, in turn in the same run on the same machine.
//
// It takes a [client.Sandbox] and returns a [Report]: rows with the median of each kernel's times
// and a limit if the kernel promises one, the memory of kernels, and the cost of the checks that
// let a cell be stopped. The program bench.py of package client does the measuring; it describes
// the rows.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

// Kernels are the measured kernels, ours first.
var Kernels = []string{client.Ours, client.GoNB, client.IPyKernel}

// limits are in seconds.
var limits = map[string]float64{
	"trivial cell": 0.10,
	"first cell that trains, to its first line":                0.35,
	"later cell that trains the same model, to its first step": 0.10,
	"start":                           0.30,
	"completion just after the start": 0.30,
	"completion":                      0.30,
	"completion of a value's members": 0.05,
	"inspection":                      0.30,
	"kernel_info while a cell runs":   0.05,
}

// A Report is the result of a run.
type Report struct {
	Rows   []Row  // waiting times, in seconds
	Memory []Row  // in megabytes
	Loops  []Loop // with and without checks
}

// A Loop is a loop in a cell, which the kernel can stop, and the same loop in a program.
type Loop struct {
	Name    string  `json:"loop"`
	Session float64 `json:"session"` // median seconds
	Program float64 `json:"program"`
}

// A Row is one measured quantity. A time is nil for a kernel that cannot do it.
type Row struct {
	Name  string              `json:"row"`
	Unit  string              `json:"unit"`    // "s" or "MB"
	Times map[string]*float64 `json:"seconds"` // median, by kernel
	Best  map[string]*float64 `json:"best"`
	Ratio float64             `json:"ratio,omitempty"` // GoNB's median divided by ours: how many times faster ours is
	Limit float64             `json:"limit,omitempty"`
	Met   *bool               `json:"met,omitempty"`
	Round int                 `json:"rounds"`
}

// sample is a line of bench.py.
type sample struct {
	Row     string   `json:"row"`
	Kernel  string   `json:"kernel"`
	Seconds *float64 `json:"seconds"`
	Unit    string   `json:"unit"`
	Words   string   `json:"words"`
	Loop    string   `json:"loop"`
	Way     string   `json:"way"` // for a loop: "session" or "program"
}

// Run measures in the given number of rounds. It calls told for each measurement that failed.
func Run(ctx context.Context, s *client.Sandbox, rounds int, told func(line string)) (*Report, error) {
	var times, memory, timed []sample
	line := func(data []byte) error {
		var m sample
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("kernel: bench.py printed %q: %w", data, err)
		}
		if m.Seconds == nil {
			told(fmt.Sprintf("%s: %s: %s", m.Row, m.Kernel, m.Words))
		}
		switch {
		case m.Loop != "":
			timed = append(timed, m)
		case m.Unit == "MB":
			memory = append(memory, m)
		default:
			times = append(times, m)
		}
		return nil
	}
	if err := s.Run(ctx, line, "bench.py", append([]string{fmt.Sprint(rounds)}, Kernels...)...); err != nil {
		return nil, err
	}
	return &Report{rows(times, rounds), rows(memory, rounds), loops(timed)}, nil
}

// loops returns the medians of the loops, in the order of their first samples.
func loops(all []sample) (out []Loop) {
	var names []string
	times := map[[2]string][]float64{}
	for _, m := range all {
		if !slices.Contains(names, m.Loop) {
			names = append(names, m.Loop)
		}
		times[[2]string{m.Loop, m.Way}] = append(times[[2]string{m.Loop, m.Way}], *m.Seconds)
	}
	for _, name := range names {
		session, _ := middle(times[[2]string{name, "session"}], 1)
		program, _ := middle(times[[2]string{name, "program"}], 1)
		if session != nil && program != nil {
			out = append(out, Loop{name, *session, *program})
		}
	}
	return out
}

// rows returns a row for each quantity, in the order of their first samples.
func rows(all []sample, rounds int) (out []Row) {
	var names []string
	times, units := map[[2]string][]float64{}, map[string]string{}
	for _, m := range all {
		if !slices.Contains(names, m.Row) {
			names = append(names, m.Row)
			units[m.Row] = m.Unit
		}
		if m.Seconds != nil {
			key := [2]string{m.Row, m.Kernel}
			times[key] = append(times[key], *m.Seconds)
		}
	}
	for _, name := range names {
		r := Row{Name: name, Unit: units[name], Times: map[string]*float64{}, Best: map[string]*float64{},
			Limit: limits[name], Round: rounds}
		for _, kernel := range Kernels {
			r.Times[kernel], r.Best[kernel] = middle(times[[2]string{name, kernel}], rounds)
		}
		ours, gonb := r.Times[client.Ours], r.Times[client.GoNB]
		if ours != nil && gonb != nil && *ours > 0 {
			r.Ratio = *gonb / *ours
		}
		if r.Limit > 0 {
			met := ours != nil && *ours <= r.Limit
			r.Met = &met
		}
		out = append(out, r)
	}
	return out
}

// middle returns the median and the minimum of a kernel's times. They are nil if half of the rounds
// or more failed.
func middle(times []float64, rounds int) (median, best *float64) {
	if len(times) == 0 || 2*len(times) <= rounds {
		return nil, nil
	}
	slices.Sort(times)
	m := times[len(times)/2]
	if len(times)%2 == 0 {
		m = (m + times[len(times)/2-1]) / 2
	}
	return &m, &times[0]
}
