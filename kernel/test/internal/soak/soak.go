// Package soak runs kernels for a long time and judges the effects: what is left behind after many
// starts and ends, how much of many outputs is lost, and how memory and descriptors grow over many
// cells.
//
// It takes a [client.Sandbox] and a [Work], and returns a [Report] with a verdict on each
// requirement. The programs soak.py and, for living sessions whose values are checked, living.py of
// package client run the cells.
package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

// Work is how much of each kind of work to do.
type Work struct {
	Rounds int // kernels to start and end
	Shown  int // cells that show a hundred outputs each
	Cells  int // cells in one kernel
	Living int // cells of living sessions whose values are checked
	Resets int // %reset commands, each after some fifty cells
	Kills  int // hosts to kill in the middle of a cell
}

// Full is the work of the command soak.
var Full = Work{Rounds: 50, Shown: 100, Cells: 1000, Living: 1000, Resets: 5, Kills: 50}

// A Life is the life of one kernel.
type Life struct {
	Number int      `json:"life"`
	End    string   `json:"end"`
	Start  float64  `json:"start"` // seconds until it answered
	Left   []string `json:"left"`  // processes and files left five seconds after its end
}

// Shown is the result for outputs.
type Shown struct {
	Total     int     `json:"shown"`
	Lost      int     `json:"lost"`      // outputs that did not arrive, or arrived twice
	Displaced int     `json:"displaced"` // cells whose text and pictures arrived in another order
	Seconds   float64 `json:"seconds"`
}

// Size is the size of a process, or of several processes of one program.
type Size struct {
	MB          float64 `json:"mb"` // anonymous memory
	Descriptors int     `json:"fds"`
}

// A Sample is taken after a number of cells.
type Sample struct {
	Cells  int             `json:"cells"`
	Sizes  map[string]Size `json:"sizes"` // of the programs kernel, host, gonb and gopls
	Files  int             `json:"files"` // files in the kernel's folder for temporary files
	Median float64         `json:"median"`
}

// A Report is the result of a soak.
type Report struct {
	Work    Work
	Lives   []Life
	Shown   Shown
	Samples []Sample
	Left    []string // left at the end of the kernel of the many cells
	Living  Living
}

// Run does the work on a kernel. It calls told, which may be nil, for each finished part.
func Run(ctx context.Context, s *client.Sandbox, kernel string, w Work, told func(line string)) (*Report, error) {
	r := &Report{Work: w}
	if told == nil {
		told = func(string) {}
	}
	line := func(data []byte) error {
		var kind map[string]json.RawMessage
		if err := json.Unmarshal(data, &kind); err != nil {
			return fmt.Errorf("kernel: soak.py printed %q: %w", data, err)
		}
		switch {
		case kind["life"] != nil:
			var l Life
			if err := json.Unmarshal(data, &l); err != nil {
				return err
			}
			r.Lives = append(r.Lives, l)
			told(fmt.Sprintf("life %d of %d: started in %.2f s, ended by %s", l.Number+1, w.Rounds, l.Start, l.End))
		case kind["shown"] != nil:
			if err := json.Unmarshal(data, &r.Shown); err != nil {
				return err
			}
			told(fmt.Sprintf("%d outputs: %d lost, %d cells out of order", r.Shown.Total, r.Shown.Lost,
				r.Shown.Displaced))
		case kind["cells"] != nil:
			var s Sample
			if err := json.Unmarshal(data, &s); err != nil {
				return err
			}
			r.Samples = append(r.Samples, s)
			told(fmt.Sprintf("%d of %d cells: kernel %.1f MB, %d descriptors", s.Cells, w.Cells, s.Sizes["kernel"].MB,
				s.Sizes["kernel"].Descriptors))
		case kind["ended"] != nil:
			return json.Unmarshal(data, &struct {
				Left *[]string `json:"left"`
			}{&r.Left})
		}
		return nil
	}
	if err := s.Run(ctx, line, "soak.py", kernel, fmt.Sprint(w.Rounds), fmt.Sprint(w.Shown),
		fmt.Sprint(w.Cells)); err != nil {
		return r, err
	}
	return r, runLiving(ctx, s, kernel, w, &r.Living, told)
}

// A Verdict is one requirement, whether it is met, and the measurement.
type Verdict struct {
	What string
	OK   bool
	Saw  string
}

// The growth that is allowed: a garbage collector frees late, and a pool grows to the highest
// demand.
const (
	growMB          = 8
	growShare       = 0.10
	growDescriptors = 2
	growFiles       = 4
)

// Verdicts returns the verdicts on the report.
func (r *Report) Verdicts() []Verdict { return append(r.kernelVerdicts(), r.livingVerdicts()...) }

func (r *Report) kernelVerdicts() (all []Verdict) {
	if r.Work.Rounds > 0 {
		left := slices.DeleteFunc(slices.Clone(r.Lives), func(l Life) bool { return len(l.Left) == 0 })
		saw := fmt.Sprintf("%d lives, leftovers after %d", len(r.Lives), len(left))
		if len(left) > 0 {
			saw += fmt.Sprintf(": %q", left[0].Left)
		}
		all = append(all, Verdict{"nothing is left of a kernel 5 s after its end", len(left) == 0 &&
			len(r.Lives) == r.Work.Rounds, saw})
	}
	if r.Work.Shown > 0 {
		s := r.Shown
		all = append(all,
			Verdict{"no output is lost", s.Lost == 0 && s.Total == 100*r.Work.Shown,
				fmt.Sprintf("%d of %d", s.Lost, s.Total)},
			Verdict{"text and rich output come in order", s.Displaced == 0,
				fmt.Sprintf("%d of %d cells out of order", s.Displaced, s.Total/100)})
	}
	if r.Work.Cells == 0 || len(r.Samples) < 4 {
		return all
	}
	for _, program := range []string{"kernel", "host", "gonb"} {
		early, late := r.mean(program)
		all = append(all,
			Verdict{"memory of " + program + " is flat", late.MB <= early.MB+max(growMB, growShare*early.MB),
				fmt.Sprintf("%.1f → %.1f MB", early.MB, late.MB)},
			Verdict{"descriptors of " + program + " are flat", late.Descriptors <= early.Descriptors+growDescriptors,
				fmt.Sprintf("%d → %d", early.Descriptors, late.Descriptors)})
	}
	first, last := r.Samples[len(r.Samples)/4], r.Samples[len(r.Samples)-1]
	return append(all,
		Verdict{"temporary files do not pile up", last.Files <= first.Files+growFiles,
			fmt.Sprintf("%d → %d", first.Files, last.Files)},
		Verdict{"nothing is left after the cells", len(r.Left) == 0, fmt.Sprintf("%d: %q", len(r.Left), r.Left)})
}

// mean returns the mean size of a program in the second and in the last quarter of the samples.
func (r *Report) mean(program string) (early, late Size) {
	quarter := max(1, len(r.Samples)/4)
	part := func(samples []Sample) (m Size) {
		for _, s := range samples {
			m.MB += s.Sizes[program].MB / float64(len(samples))
			m.Descriptors = max(m.Descriptors, s.Sizes[program].Descriptors)
		}
		return m
	}
	return part(r.Samples[quarter : 2*quarter]), part(r.Samples[len(r.Samples)-quarter:])
}
