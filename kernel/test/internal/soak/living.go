package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

// Living is the result of the work on living sessions.
type Living struct {
	Samples []HostSample
	Parts   []Part
	Resets  []Reset
	Kills   []Kill
	Left    []string // left at the end of both kernels
}

// HostSize is the size of a host process.
type HostSize struct {
	MB          float64 `json:"mb"`  // private memory
	PSS         float64 `json:"pss"` // with its share of shared pages
	Descriptors int     `json:"fds"`
}

// A HostSample is taken after a number of cells of a part.
type HostSample struct {
	Part   string   `json:"living"`
	Cells  int      `json:"cells"`
	Host   HostSize `json:"host"`
	Files  int      `json:"files"`
	Median float64  `json:"median"`
	Wrong  int      `json:"wrong"`
}

// A Part is the work in one kernel.
type Part struct {
	Name    string   `json:"part"`
	Cells   int      `json:"cells"`
	Made    int      `json:"made"`    // values made, or replaced by another kind
	Failed  int      `json:"failed"`  // cells that panicked or exited
	Refused int      `json:"refused"` // cells that did not compile
	Stopped int      `json:"stopped"` // cells that were interrupted
	Stop    float64  `json:"stop"`    // the longest time from an interrupt to the reply, in seconds
	Wrong   []string `json:"wrong"`   // the first wrong results
	Wrongs  int      `json:"wrongs"`
	Fresh   HostSize `json:"fresh"` // a host before its first values
	Host    HostSize `json:"host"`  // the host after the cells
}

// A Reset is a %reset after cells that hold tens of megabytes.
type Reset struct {
	Number int      `json:"reset"`
	Before HostSize `json:"before"`
	After  HostSize `json:"after"`
	Fresh  HostSize `json:"fresh"`
	Files  int      `json:"files"`
}

// A Kill is the kill of a host in the middle of a cell.
type Kill struct {
	Number int      `json:"kill"`
	OK     bool     `json:"ok"` // the cell reported what was lost, and the next one worked
	Words  string   `json:"words"`
	Told   float64  `json:"told"` // seconds until the reply
	Next   float64  `json:"next"` // seconds that the next cell took
	Left   []string `json:"left"` // processes and files that were not there before
}

// runLiving does the work on living sessions.
func runLiving(ctx context.Context, s *client.Sandbox, kernel string, w Work, l *Living, told func(line string)) error {
	if w.Living == 0 {
		return nil
	}
	line := func(data []byte) error {
		var kind map[string]json.RawMessage
		if err := json.Unmarshal(data, &kind); err != nil {
			return fmt.Errorf("kernel: living.py printed %q: %w", data, err)
		}
		switch {
		case kind["living"] != nil:
			m, err := add(&l.Samples, data)
			told(fmt.Sprintf("%s: %d cells: host %.1f MB, %.3f s a cell, %d wrong",
				m.Part, m.Cells, m.Host.MB, m.Median, m.Wrong))
			return err
		case kind["part"] != nil:
			p, err := add(&l.Parts, data)
			for _, words := range p.Wrong {
				told(words)
			}
			return err
		case kind["reset"] != nil:
			r, err := add(&l.Resets, data)
			told(fmt.Sprintf("%%reset %d of %d: host %.1f → %.1f MB",
				r.Number+1, w.Resets, r.Before.MB, r.After.MB))
			return err
		case kind["kill"] != nil:
			k, err := add(&l.Kills, data)
			told(fmt.Sprintf("kill %d of %d: told in %.2f s, next cell in %.2f s %s %q",
				k.Number+1, w.Kills, k.Told, k.Next, k.Words, k.Left))
			return err
		}
		return json.Unmarshal(data, &struct {
			Left *[]string `json:"left"`
		}{&l.Left})
	}
	return s.Run(ctx, line, "living.py", kernel, fmt.Sprint(w.Living), fmt.Sprint(w.Resets), fmt.Sprint(w.Kills))
}

// add decodes a line and appends it.
func add[T any](all *[]T, data []byte) (T, error) {
	var v T
	err := json.Unmarshal(data, &v)
	*all = append(*all, v)
	return v, err
}

const (
	// mostCellMB is the memory that a cell may keep: its code, and its values while they have
	// names.
	mostCellMB = 0.5
	// resetMB is the memory that a host may have after %reset beyond that of a new one.
	resetMB = 16
	// mostStop is the longest time from an interrupt to the reply. A loop may take one second and a
	// waiting cell two; the rest is for a slow machine.
	mostStop = 5.0
	// mostNext is the longest time of the cell after a lost host.
	mostNext = 1.0
)

func (r *Report) livingVerdicts() (all []Verdict) {
	if r.Work.Living == 0 {
		return nil
	}
	cells, wrong, stop := 0, 0, 0.0
	var first string
	for _, p := range r.Living.Parts {
		cells, wrong, stop = cells+p.Cells, wrong+p.Wrongs, max(stop, p.Stop)
		if first == "" && len(p.Wrong) > 0 {
			first, _, _ = strings.Cut(": "+p.Wrong[0], "\n")
		}
	}
	all = append(all,
		Verdict{"no value of a session is wrong", wrong == 0 && cells >= r.Work.Living,
			fmt.Sprintf("%d of %d cells%s", wrong, cells, first)},
		Verdict{"a cell is stopped in time", stop <= mostStop, fmt.Sprintf("in %.1f s at most", stop)})
	for _, p := range r.Living.Parts {
		if p.Cells > 0 {
			each := (p.Host.MB - p.Fresh.MB) / float64(p.Cells)
			all = append(all, Verdict{"memory of a cell: " + p.Name, each <= mostCellMB,
				fmt.Sprintf("%.3f MB (host %.1f → %.1f MB)", each, p.Fresh.MB, p.Host.MB)})
		}
	}
	if r.Work.Resets > 0 {
		var most, files float64
		for _, x := range r.Living.Resets {
			most = max(most, x.After.MB-x.Fresh.MB)
			files = max(files, float64(x.Files))
		}
		all = append(all, Verdict{"%reset frees the host's memory",
			len(r.Living.Resets) == r.Work.Resets && most <= resetMB,
			fmt.Sprintf("at most %.1f MB above a new one, %.0f files", most, files)})
	}
	if r.Work.Kills > 0 {
		var told, next float64
		bad := 0
		var left []string
		for _, k := range r.Living.Kills {
			told, next = max(told, k.Told), max(next, k.Next)
			if !k.OK {
				bad++
			}
			left = append(left, k.Left...)
		}
		slices.Sort(left)
		left = slices.Compact(left)
		all = append(all,
			Verdict{"a killed host is reported and replaced", bad == 0 && len(r.Living.Kills) == r.Work.Kills,
				fmt.Sprintf("%d of %d; reported in %.2f s at most", len(r.Living.Kills)-bad, r.Work.Kills, told)},
			Verdict{"the next cell works within a second", next <= mostNext, fmt.Sprintf("in %.2f s at most", next)},
			Verdict{"nothing is left of a killed host", len(left) == 0, fmt.Sprintf("%d: %q", len(left), left)})
	}
	return append(all, Verdict{"nothing is left after the sessions", len(r.Living.Left) == 0,
		fmt.Sprintf("%d: %q", len(r.Living.Left), r.Living.Left)})
}

// livingPage writes the part of the page about living sessions.
func (r *Report) livingPage(b *strings.Builder) {
	if r.Work.Living == 0 {
		return
	}
	fmt.Fprintf(b, "\n## The living session\n\n%d cells make, change, redefine and show values of all kinds\n"+
		"(`kernel/test/internal/client/python/values.py`), and each must print what its values must be: four fifths "+
		"of\n"+
		"them in one kernel, the rest in one whose host runs with GOGC=1 and overwrites what the collector frees.\n"+
		"Then %d times some fifty cells with 64 MB of values and `%%reset`, and %d hosts killed by SIGKILL in the\n"+
		"middle of a cell.\n\n",
		r.Work.Living, r.Work.Resets, r.Work.Kills)
	b.WriteString("| part | cells | values made | failed | did not compile | interrupted | host new, MB | at the end " +
		"| KB a cell |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, p := range r.Living.Parts {
		if p.Cells > 0 {
			fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %.1f | %.1f | %.0f |\n",
				p.Name, p.Cells, p.Made, p.Failed, p.Refused, p.Stopped, p.Fresh.MB, p.Host.MB,
				1024*(p.Host.MB-p.Fresh.MB)/float64(p.Cells))
		}
	}
	b.WriteString("\n| part | cells | median s a cell | host MB | PSS | descriptors | files |\n" +
		"|---|---:|---:|---:|---:|---:|---:|\n")
	for _, s := range r.Living.Samples {
		fmt.Fprintf(b, "| %s | %d | %.3f | %.1f | %.1f | %d | %d |\n",
			s.Part, s.Cells, s.Median, s.Host.MB, s.Host.PSS, s.Host.Descriptors, s.Files)
	}
	b.WriteString("\nMemory of a host is its private pages, including the values that it holds; PSS adds its share " +
		"of the pages\n" +
		"that hosts share. Files are those in the kernel's folder for temporary files.\n")
}
