package setup

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
	"github.com/trafficlab/trafficlab/kernel/internal/session/trial"
)

// Sessions returns the store of the living session's images for a checkout.
func Sessions(h paths.Home, checkout, goBin string) *images.Store {
	return &images.Store{Dirs: h.Sessions(), Checkout: checkout, Env: launch.GoEnv(os.Environ(), h, goBin)}
}

const withoutSession = "Without it each cell is a program of its own, and no values persist"

// sessionStep makes the image of the living session.
func (s *Setup) sessionStep() step {
	store := Sessions(s.Home, s.Checkout, s.toolchain.bin)
	t := step{
		name: "session", title: "The living session: its compiler, linker and host",
		inputs:  s.hashGo("trafficlib", "kernel/internal/cell/display", "kernel/internal/session"),
		do:      func(ctx context.Context) error { return s.makeSession(ctx, store) },
		without: withoutSession,
	}
	if key, err := store.Key(); err == nil {
		t.outputs = []string{filepath.Join(store.Dirs[0], key)}
		for _, dir := range store.Dirs { // an installation for all users has it in its own folder
			if _, err := os.Stat(filepath.Join(dir, key)); err == nil {
				t.outputs = []string{filepath.Join(dir, key)}
			}
		}
	}
	return t
}

// tried is how many of Go's own test programs a new image must run as cells.
const tried = 30

func (s *Setup) makeSession(ctx context.Context, store *images.Store) error {
	store.Forget()
	store.Run = s.execTool
	root, err := store.Root()
	if err != nil {
		return err
	}
	programs, err := trial.Sure(root, tried)
	if err != nil {
		return err
	}
	store.Try = func(ctx context.Context, image *host.Image) error {
		dir, err := os.MkdirTemp(s.Home.Scratch(), "trial-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		r := &trial.Runner{Image: image, Env: store.Env, Dir: dir, Run: s.execTool}
		var wrong error
		err = r.All(ctx, programs, func(t trial.Result) {
			if t.Why != "" && wrong == nil {
				wrong = errors.New("session: " + t.Program.Name + " as a cell: " + t.Why)
			}
		})
		return errors.Join(err, wrong)
	}
	_, err = store.Make(ctx)
	return err
}

// startSession builds the compiler and the linker of cells in the background, while other steps
// wait for the network, if the session step is to be done. That step repeats it and reports any
// failure.
func (s *Setup) startSession(ctx context.Context, todo []step) (wait func()) {
	for _, t := range todo {
		if t.name == "session" {
			ctx, cancel := context.WithCancel(ctx)
			done := make(chan struct{})
			go func() {
				defer close(done)
				store := Sessions(s.Home, s.Checkout, s.toolchain.bin)
				store.Forget()
				store.Run = s.execTool
				store.Tools(ctx)
			}()
			return func() { cancel(); <-done }
		}
	}
	return func() {}
}

// execTool runs a command and returns its standard output.
func (s *Setup) execTool(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, env
	return s.stdout(cmd)
}
