package soak

import (
	"strings"
	"testing"
)

// steady returns a report without any failure.
func steady() *Report {
	r := &Report{Work: Work{Rounds: 1, Shown: 1, Cells: 100, Living: 10, Resets: 1, Kills: 1},
		Lives: []Life{{End: "kill"}}, Shown: Shown{Total: 100}}
	for i := range 20 {
		r.Samples = append(r.Samples, Sample{Cells: 5 * (i + 1), Files: 10,
			Sizes: map[string]Size{"kernel": {20 + float64(i%3), 30}, "host": {50, 12}, "gonb": {40, 20}}})
	}
	r.Living = Living{
		Samples: []HostSample{{Part: "cells", Cells: 10, Host: HostSize{60, 30, 12}}},
		Parts:   []Part{{Name: "cells", Cells: 10, Stop: 1.5, Fresh: HostSize{58, 29, 12}, Host: HostSize{60, 30, 12}}},
		Resets:  []Reset{{Before: HostSize{130, 90, 12}, After: HostSize{59, 29, 12}, Fresh: HostSize{58, 29, 12}}},
		Kills:   []Kill{{OK: true, Told: 0.2, Next: 0.1}},
	}
	return r
}

func TestVerdicts(t *testing.T) {
	if r := steady(); r.Failed() {
		t.Errorf("a steady kernel failed:\n%s", r.Text())
	}
	for what, spoil := range map[string]func(*Report){
		"nothing is left of a kernel": func(r *Report) { r.Lives[0].Left = []string{"gopls"} },
		"no output is lost":           func(r *Report) { r.Shown.Lost = 1 },
		"come in order":               func(r *Report) { r.Shown.Displaced = 1 },
		"memory of kernel": func(r *Report) {
			r.each(func(i int,
				s map[string]Size) {
				s["kernel"] = Size{20 + float64(i), 30}
			})
		},
		"descriptors of gonb": func(r *Report) {
			r.each(func(i int,
				s map[string]Size) {
				s["gonb"] = Size{40, 20 + i}
			})
		},
		"temporary files":               func(r *Report) { r.Samples[19].Files = 30 },
		"no value of a session":         func(r *Report) { r.Living.Parts[0].Wrongs = 1 },
		"stopped in time":               func(r *Report) { r.Living.Parts[0].Stop = 8 },
		"memory of a cell":              func(r *Report) { r.Living.Parts[0].Host.MB = 90 },
		"%reset frees":                  func(r *Report) { r.Living.Resets[0].After.MB = 100 },
		"reported and replaced":         func(r *Report) { r.Living.Kills[0].OK = false },
		"next cell works":               func(r *Report) { r.Living.Kills[0].Next = 1.5 },
		"left of a killed host":         func(r *Report) { r.Living.Kills[0].Left = []string{"now runs sleep"} },
		"left after the sessions":       func(r *Report) { r.Living.Left = []string{"host"} },
		"nothing is left after the cel": func(r *Report) { r.Left = []string{"/tmp/x"} },
	} {
		r := steady()
		spoil(r)
		for _, v := range r.Verdicts() {
			if v.OK == strings.Contains(v.What, what) {
				t.Errorf("spoiled %q: the verdict on %q is %v (%s)", what, v.What, v.OK, v.Saw)
			}
		}
	}
}

func (r *Report) each(change func(i int, sizes map[string]Size)) {
	for i := range r.Samples {
		change(i, r.Samples[i].Sizes)
	}
}

func TestPage(t *testing.T) {
	r := steady()
	r.Shown.Lost = 3
	page := r.Page("a machine")
	for _, words := range []string{"On a machine: 1 lives", "| no output is lost | NOT met | 3 of 100 |",
		"| 100 | 0.000 | 21.0 | 30 | 50.0 | 12 | 40.0 | 0.0 | 10 |", "| cells | 10 | 0 | 0 | 0 | 0 | 58.0 | 60.0 | " +
			"205 |"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page lacks %q:\n%s", words, page)
		}
	}
}
