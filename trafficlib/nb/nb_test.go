package nb

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

func TestShowInNotebook(t *testing.T) {
	r := runCell(t, "show", true)
	if r.status != 0 || r.out != "before\nafter\n" || r.err != "" {
		t.Fatalf("status %d, out %q, err %q", r.status, r.out, r.err)
	}
	if len(r.shown) != 4 {
		t.Fatalf("%d outputs, want three pictures and one text: %v", len(r.shown), r.shown)
	}
	for i, d := range r.shown[:3] {
		if len(d.Data) != 5 || d.DisplayID != "" {
			t.Errorf("picture %d came as %v", i, d)
		}
		want := map[string]any{"mark": "line", "data": map[string]any{"values": []any{map[string]any{"x": 1.0}}}}
		if got := d.Data["application/vnd.vegalite.v5+json"]; !reflect.DeepEqual(got, want) {
			t.Errorf("the specification came as %#v", got)
		}
		if got := d.Data["image/png"]; !reflect.DeepEqual(got, []byte{1, 2}) {
			t.Errorf("the bytes came as %#v", got)
		}
	}
	if got := r.shown[3].Data["text/plain"]; got != "AUC\n0.5\n(1 2)" {
		t.Errorf("plain values came as %q", got)
	}
}

func TestShowWithoutNotebook(t *testing.T) {
	r := runCell(t, "show", false)
	want := "before\n" + strings.Repeat("a picture\n", 3) + "AUC\n0.5\n(1 2)\nafter\n"
	if r.status != 0 || r.out != want || r.err != "" {
		t.Errorf("status %d, err %q, out %q, want %q", r.status, r.err, r.out, want)
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	for cell, want := range map[string]string{
		"must":       "error: a: b; c\n",
		"badPicture": "error: chart: curve: series \"loss\": NaN at 3\n",
		"noText":     "error: nb: show a nb.noText: its bundle has no text/plain\n",
		"badJSON":    "error: nb: show a nb.badJSON: a/b+json: x: [1]: holds a null, which can not be sent\n",
	} {
		for _, notebook := range []bool{false, true} {
			r := runCell(t, cell, notebook)
			if r.status != 1 || r.err != want || strings.Contains(r.out, "not reached") {
				t.Errorf("%s, notebook %v: status %d, err %q, out %q; want 1 and %q", cell, notebook, r.status, r.err, r.out, want)
			}
			if cell == "must" && notebook && len(r.shown) != 1 {
				t.Errorf("what was shown before the error is lost: %v", r.shown)
			}
		}
	}
}

func TestProgressInNotebook(t *testing.T) {
	r := runCell(t, "train", true)
	if r.status != 0 || r.out != "" || r.err != "" {
		t.Fatalf("status %d, out %q, err %q", r.status, r.out, r.err)
	}
	n := len(r.shown)
	if n < 5 || n > 40 {
		t.Fatalf("%d updates of a second of work and one more", n)
	}
	train, convert := r.shown[:n-1], r.shown[n-1]
	for i, d := range train {
		if d.DisplayID == "" || d.DisplayID != train[0].DisplayID {
			t.Errorf("update %d has display id %q, the first %q", i, d.DisplayID, train[0].DisplayID)
		}
		if !reflect.DeepEqual(d.Metadata, progressMark()) {
			t.Errorf("update %d has metadata %v", i, d.Metadata)
		}
	}
	if convert.DisplayID == train[0].DisplayID {
		t.Error("a second piece of work draws over the first")
	}
	if got, want := train[n-2].Data["text/plain"], "train step 2000/2000 · loss 0.125"; got != want {
		t.Errorf("left behind: %q, want %q", got, want)
	}
	if got := train[n-3].Data["text/plain"].(string); !strings.Contains(got, "step/s") {
		t.Errorf("while it runs: %q, want a rate", got)
	}
	if got := convert.Data["text/html"].(string); !strings.Contains(got, "convert &lt;x&gt; session 7") ||
		strings.Contains(got, "width:") {
		t.Errorf("work of unknown length is drawn as %s", got)
	}
}

func TestProgressWithoutNotebook(t *testing.T) {
	r := runCell(t, "train", false)
	want := "train step 2000/2000 · loss 0.125\nconvert <x> session 7\n"
	if r.status != 0 || r.out != "" || r.err != want {
		t.Errorf("status %d, out %q, err %q, want %q", r.status, r.out, r.err, want)
	}
}

func TestInterrupt(t *testing.T) {
	const note = "stopping after this step; stop again to end at once\n"
	for _, notebook := range []bool{false, true} {
		if r := runCell(t, "interrupt", notebook); r.status != 0 || r.out != "stopped: context canceled\n" || r.err != note {
			t.Errorf("once: status %d, out %q, err %q", r.status, r.out, r.err)
		}
		if r := runCell(t, "interruptTwice", notebook); r.status != 130 || r.err != note {
			t.Errorf("twice: status %d, err %q", r.status, r.err)
		}
	}
}

// In a process of many cells, each cell has its own context.
func TestNewCell(t *testing.T) {
	if r := runCell(t, "newCell", false); r.status != 0 || r.out != "stopped: context canceled <nil> true\n" ||
		r.err != "stopping after this step\n" {
		t.Errorf("status %d, out %q, err %q", r.status, r.out, r.err)
	}
}

func TestBar(t *testing.T) {
	for done, want := range map[int64]string{-1: "width:0.0%", 1: "width:25.0%", 9: "width:100.0%"} {
		if got := bar(progress.Update{Done: done, Total: 4}, "x"); !strings.Contains(got, want) {
			t.Errorf("%d of 4: %s, want %s", done, got, want)
		}
	}
}

func TestWork(t *testing.T) {
	root := filepath.Join(t.TempDir(), "run")
	t.Setenv("TRAFFICLAB_WORK", root)
	for _, c := range []struct{ elem, want string }{{"", root}, {"a.arrow", root + "/a.arrow"},
		{"run1/step/x", root + "/run1/step/x"}} {
		elem := []string{c.elem}
		if c.elem == "" {
			elem = nil
		}
		got, err := work(elem)
		if err != nil || got != c.want {
			t.Errorf("work(%q) = %q, %v, want %q", c.elem, got, err, c.want)
		}
		if _, err := os.Stat(filepath.Dir(got)); err != nil {
			t.Error(err)
		}
	}
	for _, elem := range []string{"..", "../x", "a/../../x", "/etc/x", ""} {
		if got, err := work([]string{elem}); err == nil || !strings.Contains(err.Error(), "leads out") {
			t.Errorf("work(%q) = %q, %v, want an error", elem, got, err)
		}
	}
	t.Setenv("TRAFFICLAB_WORK", "")
	t.Setenv("TRAFFICLAB_HOME", root)
	if got, err := work([]string{"x"}); err != nil || got != root+"/work/default/x" {
		t.Errorf("without a run's folder: %q, %v", got, err)
	}
}
