// Package testimage makes the image that the tests, soak runs and benchmarks of sessions use: that
// of the checkout around the working directory, in a folder below setup's.
package testimage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/cpu"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

// Make returns the image and the environment of its compiler and host.
func Make(ctx context.Context) (*host.Image, []string, error) {
	s, err := store()
	if err != nil {
		return nil, nil, err
	}
	image, err := s.Make(ctx)
	return image, s.Env, err
}

// Root returns the GOROOT of the go command.
func Root() (string, error) {
	s, err := store()
	if err != nil {
		return "", err
	}
	return s.Root()
}

func store() (*images.Store, error) {
	checkout, err := paths.Checkout(".")
	if err != nil {
		return nil, err
	}
	home, err := paths.UserHome()
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOTOOLCHAIN=local", "GOMLX_BACKEND=go")
	if cpu.X86.HasAVX2 {
		env = append(env, "GOEXPERIMENT=simd")
	}
	return &images.Store{Dirs: []string{filepath.Join(home.State(), "session-test")}, Checkout: checkout,
		Env: env}, nil
}

// Get is Make for a test. It skips the test on a system without sessions, and under -short unless
// the image exists.
func Get(t testing.TB) (*host.Image, []string) {
	t.Helper()
	s, err := store()
	if err != nil {
		t.Fatal(err)
	}
	image, err := s.Find()
	if errors.Is(err, images.ErrNone) && testing.Short() {
		t.Skip("the image of the session is missing, and takes two minutes of CPU to make: run without -short")
	}
	if err != nil && !errors.Is(err, images.ErrRefused) {
		image, err = s.Make(t.Context())
	}
	if errors.Is(err, images.ErrRefused) && !images.Supported {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return image, s.Env
}
