package program

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Getenv returns the value of a variable in an environment, "" if it is not set.
func Getenv(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// Setenv returns a copy of an environment in which a variable has a value.
func Setenv(env []string, name, value string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	return append(env, name+"="+value)
}

// LookPath finds a program on the PATH of an environment. Relative folders on it are skipped.
func LookPath(env []string, name string) (string, error) {
	for _, dir := range filepath.SplitList(Getenv(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("kernel: no %s command on the PATH", name)
}
