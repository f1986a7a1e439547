package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// TestTraining checks that the loss falls with each kind of step that is measured.
func TestTraining(t *testing.T) {
	backends.XLA(t)
	shapes := []shape{
		{Cell: "lstm", B: 8, T: 10, F: 5, H: 7},
		{Cell: "gru", B: 8, T: 10, F: 5, H: 7},
		{Cell: "gru", B: 8, T: 3, F: 5, H: 7, Decode: 6},
		{Cell: "lstm", B: 8, T: 10, F: 5, H: 7, Own: true},
	}
	if testing.Short() {
		shapes = shapes[:1] // each compiles for seconds
	}
	for _, s := range shapes {
		tr, _, err := newTraining("", s)
		if err != nil {
			t.Fatal(err)
		}
		a, err := tr.steps(3)
		if err != nil {
			t.Fatal(err)
		}
		if !(a.Losses[2] < a.Losses[1] && a.Losses[1] < a.Losses[0]) || len(a.Seconds) != 3 {
			t.Errorf("%+v: losses %v", s, a.Losses)
		}
	}
}

// TestNumber checks the numbers that peers.py computes too: with these weights PyTorch, JAX and
// Keras have the loss 0.0039226.
func TestNumber(t *testing.T) {
	sum, most := 0.0, 0.0
	for i := range 10_000 {
		v := float64(number(3, i))
		sum, most = sum+v, math.Max(most, math.Abs(v))
	}
	if math.Abs(sum) > 20 || most > 0.1000001 || most < 0.099 {
		t.Errorf("10,000 numbers have the sum %v and the size %v", sum, most)
	}
	backends.XLA(t)
	tr, _, err := newTraining("", shape{Cell: "lstm", B: 8, T: 10, F: 5, H: 7})
	if err != nil {
		t.Fatal(err)
	}
	if loss, err := tr.step(); err != nil || math.Abs(loss-0.00392261) > 1e-7 {
		t.Errorf("the loss is %v (%v)", loss, err)
	}
}

// TestRows checks that each peer has a row, and that the row of the best peer has the target.
func TestRows(t *testing.T) {
	s := shape{Name: "a", target: 1}
	rows := s.rows([]measurement{
		{who: benchkit.Ours, best: 2, cpu: 1, peak: 100},
		{who: "torch", best: 4, cpu: 4, peak: 50},
		{who: "jax", best: 1, cpu: 2},
	})
	if len(rows) != 5 || rows[0].Ratio != 0.5 || rows[0].Target != 0 || rows[1].Ratio != 2 || rows[1].Target != 1 ||
		rows[3].Ratio != 0.5 || rows[4].Ratio != 2 {
		t.Fatalf("%+v", rows)
	}
	if text := benchkit.Text(page, "a machine", rows, nil); !strings.Contains(text, "NOT met") {
		t.Error(text)
	}
}

// TestWrite checks that the part of the page that is written by hand stays.
func TestWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(page.Path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page.Path, []byte("old"+rule+"by hand\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := write([]row{newRow("a", 1, 2, "torch", "ms")}, "a machine", []string{"\nnote\n"}); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(page.Path)
	if s := string(got); strings.Contains(s, "old") || !strings.Contains(s, "| a | ms | 1 | torch | 2 | 0.50 |") ||
		!strings.HasSuffix(s, "\nnote\n"+rule+"by hand\n") {
		t.Error(s)
	}
}

// TestBatched checks that the training that is compared with the original's loop runs as many
// epochs as it is asked for, and no step more.
func TestBatched(t *testing.T) {
	c := &conversations{File: filepath.Join(t.TempDir(), "c.f32"), Lengths: []int{5, 4, 9}, Features: 2, Hidden: 3,
		Read: 3, Rate: 0.1}
	data := make([]byte, 4*2*(5+4+9))
	if err := os.WriteFile(c.File, data, 0o666); err != nil {
		t.Fatal(err)
	}
	o, err := newBatched("go", c)
	if err != nil {
		t.Fatal(err)
	}
	for want, n := range map[int]int{1: 1, 3: 3} {
		before := o.done
		a, err := o.epochs(n)
		if err != nil || a.Packets != want*18 || o.done-before != int64(n) || !(a.CPU > 0) {
			t.Errorf("%d epochs: %+v, %d steps, %v", n, a, o.done-before, err)
		}
	}
	c.Lengths[0]++
	if _, err := newBatched("go", c); err == nil {
		t.Error("a truncated file: no error")
	}
}
