// Package bench times what somebody at a notebook waits for, of the kernel beside GoNB alone and ipykernel, on the same
// machine in the same run and in turn.
//
// It takes a [probe.Stand] and gives rows, each with the median of a kernel's times and, where the kernel has promised one,
// a limit. The times are taken by the program bench.py of package probe, which says what each row is.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

// Kernels are those that are measured, ours first.
var Kernels = []string{probe.Ours, probe.GoNB, probe.IPyKernel}

// limits are in seconds.
var limits = map[string]float64{
	"trivial cell":                        0.3,
	"cell that trains, to its first line": 1.0,
	"start":                               0.6,
	"completion":                          0.3,
	"inspection":                          0.3,
	"kernel_info while a cell runs":       0.05,
}

// A Row is one thing that is waited for. A time is nil where a kernel does not do it.
type Row struct {
	Name  string              `json:"row"`
	Unit  string              `json:"unit"`
	Times map[string]*float64 `json:"seconds"` // median, by kernel
	Best  map[string]*float64 `json:"best"`
	Ratio float64             `json:"ratio,omitempty"` // GoNB's median through ours: how many times faster ours is
	Limit float64             `json:"limit,omitempty"`
	Met   *bool               `json:"met,omitempty"`
	Round int                 `json:"rounds"`
}

// sample is a line of bench.py.
type sample struct {
	Row     string   `json:"row"`
	Kernel  string   `json:"kernel"`
	Seconds *float64 `json:"seconds"`
	Words   string   `json:"words"`
}

// Run measures in so many rounds. What could not be measured is told.
func Run(ctx context.Context, s *probe.Stand, rounds int, told func(line string)) ([]Row, error) {
	var all []sample
	line := func(data []byte) error {
		var m sample
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("kernel: bench.py printed %q: %w", data, err)
		}
		if m.Seconds == nil {
			told(fmt.Sprintf("%s: %s: %s", m.Row, m.Kernel, m.Words))
		}
		all = append(all, m)
		return nil
	}
	if err := s.Run(ctx, line, "bench.py", append([]string{fmt.Sprint(rounds)}, Kernels...)...); err != nil {
		return nil, err
	}
	return rows(all, rounds), nil
}

// rows gives a row for each thing, in the order in which they came first.
func rows(all []sample, rounds int) (out []Row) {
	var names []string
	times := map[[2]string][]float64{}
	for _, m := range all {
		if !slices.Contains(names, m.Row) {
			names = append(names, m.Row)
		}
		if m.Seconds != nil {
			key := [2]string{m.Row, m.Kernel}
			times[key] = append(times[key], *m.Seconds)
		}
	}
	for _, name := range names {
		r := Row{Name: name, Unit: "s", Times: map[string]*float64{}, Best: map[string]*float64{}, Limit: limits[name], Round: rounds}
		for _, kernel := range Kernels {
			r.Times[kernel], r.Best[kernel] = middle(times[[2]string{name, kernel}], rounds)
		}
		ours, gonb := r.Times[probe.Ours], r.Times[probe.GoNB]
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

// middle gives the median and the least of the times of a kernel, nil where half of the rounds gave none.
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
