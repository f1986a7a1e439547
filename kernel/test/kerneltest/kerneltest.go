// Package kerneltest is shared by the tests of the kernel and of the image. It writes and reads
// notebooks, runs them with the installed command, and runs the Python programs of package client
// in a sandbox.
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

// Checkout returns a path in the checkout that the tests run in.
func Checkout(t *testing.T, elem ...string) string {
	t.Helper()
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{checkout}, elem...)...)
}

// Artifacts returns a folder for files that a person may want to see after the test: an empty
// folder for the test in the folder that TRAFFICLAB_ARTIFACTS names, or else a temporary one.
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

// Machine returns the folder that setup has filled from this checkout. It skips the test if setup
// has not run, and under -short.
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

// Skip skips a test because something is missing. If TRAFFICLAB_ALL is set, the test fails instead.
func Skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Command runs a program in dir and returns its output, standard output and error combined, and its
// exit status.
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

// Wants fails the test for each word that the text lacks.
func Wants(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}
