//go:build !linux

package process

import (
	"context"
	"errors"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
)

// A Host is a process that cells live in. There is none on this system.
type Host struct{}

var errOther = errors.New("session: there is no session on this system")

// Start refuses.
func Start(context.Context, *host.Image, Config) (*Host, error) { return nil, errOther }

// Run refuses.
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

// Place refuses.
func (h *Host) Place(context.Context) (dir string, env []string, err error) { return "", nil, errOther }

// Chdir refuses.
func (h *Host) Chdir(context.Context, string) error { return errOther }

// Setenv refuses.
func (h *Host) Setenv(context.Context, string, string) error { return errOther }
