package test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/trafficlib/home"
)

// TestLint checks the Dockerfile and the scripts with hadolint and shellcheck, in the versions of
// requirements.txt. An exception is marked where it is made, with the reason.
func TestLint(t *testing.T) {
	bin := pythonTools(t)
	docker := filepath.Join(kerneltest.Checkout(t), "docker")
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
		append([]string{"shellcheck"}, append(scripts, "../.ci/run", "../.ci/fresh")...),
	} {
		cmd := exec.Command(filepath.Join(bin, args[0]), args[1:]...)
		cmd.Dir = docker
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
}

// pythonTools returns the folder of the programs in requirements.txt, which have an environment of
// their own.
func pythonTools(t *testing.T) string {
	t.Helper()
	long(t)
	h, err := home.Dir()
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(h, "image-venv")
	list, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(venv, "requirements.txt")
	if has, err := os.ReadFile(copied); err == nil && string(has) == string(list) {
		return filepath.Join(venv, "bin")
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", "--clear", venv},
		{filepath.Join(venv, "bin", "python"), "-m", "pip", "install", "--quiet", "--no-input",
			"--disable-pip-version-check", "--require-hashes", "-r", "requirements.txt"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			kerneltest.Skip(t, fmt.Sprintf("%s: %v\n%s", strings.Join(args[:3], " "), err, out))
		}
	}
	if err := os.WriteFile(copied, list, 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(venv, "bin")
}

// index returns the package index that this machine uses, or "" for PyPI.
func index() string {
	index := os.Getenv("PIP_INDEX_URL")
	if index == "" {
		if out, err := exec.Command("python3", "-m", "pip", "config", "get", "global.index-url").Output(); err == nil {
			index = strings.TrimSpace(string(out))
		}
	}
	if u, err := url.Parse(index); err != nil || u.Host == "" {
		return ""
	}
	return index
}
