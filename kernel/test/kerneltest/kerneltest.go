// Package kit is what the tests of the kernel share: they make notebooks, run them by the command that setup has
// installed, and look at what is left.
package kerneltest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// Checkout gives a place in the checkout that the tests are run from.
func Checkout(t *testing.T, elem ...string) string {
	t.Helper()
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{checkout}, elem...)...)
}

// Artifacts gives a folder for what a person may want to look at afterwards: one of the test below what
// TRAFFICLAB_ARTIFACTS names, which is empty at first, or one that ends with the test.
func Artifacts(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRAFFICLAB_ARTIFACTS")
	if dir == "" {
		return t.TempDir()
	}
	dir = filepath.Join(dir, t.Name())
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Machine returns the folder that setup filled from this checkout, or skips the test: where setup has not run, and under
// -short.
func Machine(t *testing.T) paths.Home {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it starts what setup installed; go test without it does")
	}
	h, err := paths.UserHome()
	if err != nil {
		t.Fatal(err)
	}
	s := setup.Setup{Home: h, Checkout: Checkout(t)}
	todo, err := s.Missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(todo) > 0 {
		Skip(t, "not set up: "+strings.Join(todo, "; ")+" (run: go run ./kernel setup)")
	}
	return h
}

// Skip skips a test for what is missing, or fails it where nothing may be.
func Skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Command runs a program in dir and gives all that it printed and its exit status.
func Command(t *testing.T, dir string, env []string, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(waits.Context(t), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out.String())
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// Wants fails the test for each of the words that is not in the text.
func Wants(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}
