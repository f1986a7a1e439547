//go:build !linux

package process

import (
	"context"
	"errors"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
)

// A Host is the process that cells live in. This system has none.
type Host struct{}

var errOther = errors.New("session: not supported on this system")

// Start returns an error.
func Start(context.Context, *host.Image, Config) (*Host, error) { return nil, errOther }

// Run returns an error.
func (h *Host) Run(context.Context, Module, Output) (Outcome, error) { return Outcome{}, errOther }

// Gone returns nil.
func (h *Host) Gone() <-chan struct{} { return nil }

// PID returns 0.
func (h *Host) PID() int { return 0 }

// Memory returns 0.
func (h *Host) Memory() uint64 { return 0 }

// Free does nothing.
func (h *Host) Free(context.Context) {}

// Close does nothing.
func (h *Host) Close() {}

// Environment returns an error.
func (h *Host) Environment(context.Context) (dir string, env []string, err error) {
	return "", nil, errOther
}

// Chdir returns an error.
func (h *Host) Chdir(context.Context, string) error { return errOther }

// Setenv returns an error.
func (h *Host) Setenv(context.Context, string, string) error { return errOther }
