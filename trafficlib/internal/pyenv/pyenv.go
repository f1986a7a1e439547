// Package pyenv makes Python environments for benchmarks and tests.
//
// It takes a list of packages for pip, with hashes, and returns a Python interpreter that has them.
// The environment is in the folder of setup; it is made once, and again if the list changes.
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

// Made returns the interpreter of an environment, and reports whether it exists with these
// requirements.
func Made(name string, requirements []byte) (python string, ok bool) {
	h, err := home.Dir()
	if err != nil {
		return "", false
	}
	venv := filepath.Join(h, name)
	have, err := os.ReadFile(mark(venv))
	return interpreter(venv), err == nil && string(have) == sum(requirements)
}

// mark returns the path of the file that holds the hash of the requirements of an environment.
func mark(venv string) string { return filepath.Join(venv, "made-of") }

func interpreter(venv string) string { return filepath.Join(venv, "bin", "python") }

func sum(requirements []byte) string {
	sum := sha256.Sum256(requirements)
	return hex.EncodeToString(sum[:])
}

// Make returns the interpreter of an environment with these requirements, and makes the environment
// if necessary.
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
	// Tests of several packages may need it at the same time: the first makes it, and the others
	// wait.
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

// Alone returns environment variables with which Python uses only the packages beside its
// interpreter.
func Alone() []string {
	return append(os.Environ(), "PYTHONNOUSERSITE=1", "PYTHONPATH=", "PYTHONHOME=")
}

// Output runs a command with the variables of Alone and returns its output. If the command fails,
// the error contains the output.
func Output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = Alone()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
