package setup

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// TestPython returns the interpreter of the Python environment for the kernel's tests, soak and
// benchmark, with everything that kernel/test/requirements.txt lists. The environment is made at
// the first call, and again when the list has changed, because running notebooks does not need it.
func (s *Setup) TestPython(ctx context.Context) (python string, err error) {
	if err := s.findGo(ctx); err != nil {
		return "", err
	}
	venv, list := filepath.Join(string(s.Home), "test-venv"), filepath.Join("test", "requirements.txt")
	python = filepath.Join(venv, "bin", "python")
	t := step{
		name: "tests", title: "Python environment for the kernel's tests",
		inputs:  s.hash(filepath.Join(s.Checkout, "kernel", list)),
		outputs: []string{python},
		do: func(ctx context.Context) error {
			base, _, err := FindPython(ctx)
			if err != nil {
				return err
			}
			if err := os.RemoveAll(venv); err != nil {
				return fmt.Errorf("kernel: %w", err)
			}
			cmd := exec.CommandContext(ctx, base, "-m", "venv", venv)
			cmd.Env = PythonEnv(os.Environ())
			if err := s.output(cmd); err != nil {
				return err
			}
			return s.pipInto(ctx, python, list)
		},
	}
	hash, err := t.inputs()
	if err != nil {
		return "", err
	}
	if s.record, err = s.Home.ReadRecord(); err != nil || s.done(t, hash) {
		return python, err
	}
	end, err := s.begin(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	if s.done(t, hash) { // another call made it while this one waited
		return python, nil
	}
	return python, s.perform(ctx, t, 1, 1)
}

// done reports whether the step is recorded with this hash and its product exists.
func (s *Setup) done(t step, hash string) bool {
	return s.record.Steps[t.name] == hash && allThere(t.outputs)
}
