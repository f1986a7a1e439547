package main

import (
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
	"github.com/trafficlab/trafficlab/kernel/internal/session/trial"
)

// TestSample runs a tenth of Go's own tests as cells; the command runs all.
func TestSample(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it runs Go's tests in a session; go test without it does")
	}
	image, env := testimage.Get(t)
	root, err := testimage.Root()
	if err != nil {
		t.Fatal(err)
	}
	all, err := trial.GoTests(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Skipf("%s has no tests: install Go from go.dev/dl, whose archive has them", root)
	}
	r, err := runner(t.Context(), image, env, root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	err = r.All(t.Context(), trial.Sample(all, 90), func(got trial.Result) {
		if got.Why != "" && expected[got.Program.Name] == "" {
			t.Errorf("%s: %s", got.Program.Name, got.Why)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
