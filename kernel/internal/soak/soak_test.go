package soak

import (
	"strings"
	"testing"
)

// steady gives a report in which all is well.
func steady() *Report {
	r := &Report{Work: Work{1, 1, 100}, Lives: []Life{{End: "kill"}}, Shown: Shown{Total: 100}}
	for i := range 20 {
		r.Samples = append(r.Samples, Sample{Cells: 5 * (i + 1), Files: 10, Sizes: map[string]Size{"kernel": {20 + float64(i%3), 30}, "gonb": {40, 20}}})
	}
	return r
}

func TestVerdicts(t *testing.T) {
	if r := steady(); r.Failed() {
		t.Errorf("a steady kernel failed:\n%s", r.Text())
	}
	for what, spoil := range map[string]func(*Report){
		"nothing is left of a kernel":   func(r *Report) { r.Lives[0].Left = []string{"gopls"} },
		"no output is lost":             func(r *Report) { r.Shown.Lost = 1 },
		"come in order":                 func(r *Report) { r.Shown.Displaced = 1 },
		"memory of kernel":              func(r *Report) { r.each(func(i int, s map[string]Size) { s["kernel"] = Size{20 + float64(i), 30} }) },
		"descriptors of gonb":           func(r *Report) { r.each(func(i int, s map[string]Size) { s["gonb"] = Size{40, 20 + i} }) },
		"temporary files":               func(r *Report) { r.Samples[19].Files = 30 },
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
	for _, words := range []string{"On a machine: 1 lives", "| no output is lost | NOT met | 3 of 100 |", "| 100 | 0.000 | 21.0 | 30 | 40.0 | 20 | 0.0 | 10 |"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page lacks %q:\n%s", words, page)
		}
	}
}
