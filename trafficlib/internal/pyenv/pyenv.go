// Package pyenv makes the Python environments that benchmarks measure their peers in.
//
// It takes a hash-locked list of packages and gives a Python that has them, in the folder that setup uses, made once
// and again when the list changes.
package pyenv

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/trafficlib/home"
)

// Made returns the interpreter of the environment of this name, and reports whether it has been made of this list.
func Made(name string, requirements []byte) (python string, ok bool) {
	h, err := home.Dir()
	if err != nil {
		return "", false
	}
	venv := filepath.Join(h, name)
	have, err := os.ReadFile(mark(venv))
	return interpreter(venv), err == nil && string(have) == sum(requirements)
}

// mark is the file in an environment with the sum of the list that it was made of.
func mark(venv string) string { return filepath.Join(venv, "made-of") }

func interpreter(venv string) string { return filepath.Join(venv, "bin", "python") }

func sum(requirements []byte) string {
	sum := sha256.Sum256(requirements)
	return hex.EncodeToString(sum[:])
}

// Make returns the interpreter of the environment of this name, with the packages of a list as pip reads it.
func Make(name string, requirements []byte) (python string, err error) {
	if python, ok := Made(name, requirements); ok {
		return python, nil
	}
	h, err := home.Dir()
	if err != nil {
		return "", err
	}
	venv := filepath.Join(h, name)
	python = interpreter(venv)
	// Tests of several packages may want it at once: the first makes it, and the others wait.
	if err := os.MkdirAll(h, 0o777); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(venv+".lock", os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", fmt.Errorf("%s: %w", lock.Name(), err)
	}
	if _, ok := Made(name, requirements); ok {
		return python, nil
	}
	fmt.Fprintf(os.Stderr, "making %s …\n", venv)
	if _, err := Output("python3", "-m", "venv", "--clear", venv); err != nil {
		return "", err
	}
	list := filepath.Join(venv, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o666); err != nil {
		return "", err
	}
	if _, err := Output(python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet",
		"--require-hashes", "-r", list); err != nil {
		return "", err
	}
	return python, os.WriteFile(mark(venv), []byte(sum(requirements)), 0o666)
}

// Alone is an environment in which only what is installed beside the interpreter counts.
func Alone() []string {
	return append(os.Environ(), "PYTHONNOUSERSITE=1", "PYTHONPATH=", "PYTHONHOME=")
}

// Output runs a command in it and gives what it printed, or has it in the error.
func Output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = Alone()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
