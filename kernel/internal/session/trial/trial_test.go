package trial_test

import (
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
	"github.com/trafficlab/trafficlab/kernel/internal/session/trial"
)

// Every image runs these programs, and a program that prints something else is noticed.
func TestSure(t *testing.T) {
	image, env := testimage.Get(t)
	root, err := testimage.Root()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := trial.Sure(root, 30)
	if err != nil {
		t.Fatal(err)
	}
	const wrong = "wrong.go"
	programs = append(programs, trial.Program{Name: wrong, Source: "package main\n\nfunc main() { println(1) }\n"})
	ran := 0
	r := &trial.Runner{Image: image, Env: env, Dir: t.TempDir()}
	if err := r.All(t.Context(), programs, func(got trial.Result) {
		ran++
		if got.Program.Name == wrong {
			if got.Why != `prints "1\n", want ""` {
				t.Errorf("%s: got %q", wrong, got.Why)
			}
		} else if got.Why != "" {
			t.Errorf("%s: %s", got.Program.Name, got.Why)
		}
	}); err != nil || ran < 3 {
		t.Errorf("%d ran, %v", ran, err)
	}
}
