package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/internal/home"
)

// TestLint holds the Dockerfile and the scripts against hadolint and shellcheck, of the versions in requirements.txt.
// A rule that is not followed is named where it is not, with the reason.
func TestLint(t *testing.T) {
	h, err := home.Dir()
	if err != nil {
		t.Fatal(err)
	}
	bin, err := lintTools(t, h)
	if err != nil {
		skip(t, err.Error())
	}
	docker := filepath.Join(checkout(t), "docker")
	var scripts []string
	entries, err := os.ReadDir(docker)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(docker, e.Name()))
		if err == nil && strings.HasPrefix(string(data), "#!/usr/bin/env bash\n") {
			scripts = append(scripts, e.Name())
		}
	}
	if len(scripts) < 3 {
		t.Errorf("only %q are scripts", scripts)
	}
	for _, args := range [][]string{
		{"hadolint", "--failure-threshold", "style", "--config", "test/hadolint.yaml", "Dockerfile"},
		append([]string{"shellcheck"}, append(scripts, "../.ci/run")...),
	} {
		cmd := exec.Command(filepath.Join(bin, args[0]), args[1:]...)
		cmd.Dir = docker
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
}

// lintTools gives the folder of the two programs, which lie in an environment of their own.
func lintTools(t *testing.T, home string) (string, error) {
	t.Helper()
	venv := filepath.Join(home, "lint-venv")
	list, err := os.ReadFile("requirements.txt")
	if err != nil {
		return "", err
	}
	copied := filepath.Join(venv, "requirements.txt")
	if has, err := os.ReadFile(copied); err == nil && string(has) == string(list) {
		return filepath.Join(venv, "bin"), nil
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", "--clear", venv},
		{filepath.Join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(args[:3], " "), err, out)
		}
	}
	return filepath.Join(venv, "bin"), os.WriteFile(copied, list, 0o644)
}
