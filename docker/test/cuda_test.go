package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestCUDAWheels resolves the packages of the target cuda without downloading their gigabytes:
// there must be a wheel of each for the image's Python and machine, and the lock must be what its
// requirements resolve to, with the hashes that the index has now. Since the index changes from day
// to day, it runs only under TRAFFICLAB_ALL.
func TestCUDAWheels(t *testing.T) {
	if os.Getenv("TRAFFICLAB_ALL") == "" {
		t.Skip("it asks the package index: TRAFFICLAB_ALL=1 go test ./docker/test does")
	}
	uv := filepath.Join(pythonTools(t), "uv")
	dir := t.TempDir()
	for _, name := range []string{"requirements-cuda.in", "requirements-cuda.txt"} {
		data, err := os.ReadFile(filepath.Join(kerneltest.Checkout(t), "kernel", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	lock := filepath.Join(dir, "requirements-cuda.txt")
	before, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		if index := index(); index != "" {
			args = append(args, "--index-url", index)
		}
		// Use the machine's certificates, as pip and Go do: uv's own do not include private
		// authorities.
		cmd := exec.CommandContext(t.Context(), uv, append([]string{"--no-python-downloads", "--no-config",
			"--system-certs"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("uv %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	output := run("pip", "install", "--dry-run", "--no-deps", "--require-hashes", "--only-binary", ":all:",
		"--python-version", "3.13",
		"--python-platform", "x86_64-manylinux_2_28", "--target", filepath.Join(dir, "none"), "-r",
		"requirements-cuda.txt")
	for _, name := range []string{"jax-cuda13-pjrt", "nvidia-cublas", "nvidia-cuda-nvcc", "nvidia-cudnn-cu13",
		"nvidia-nccl-cu13", "nvidia-nvvm"} {
		if !strings.Contains(output, " + "+name+"==") {
			t.Errorf("it would not install %s:\n%s", name, output)
		}
	}
	// The versions of the lock are kept; the rest is made again.
	run("pip", "compile", "--universal", "--python-version", "3.12", "--generate-hashes", "--no-header",
		"--no-emit-index-url",
		"--no-emit-package", "jax-cuda13-plugin", "requirements-cuda.in", "-o", "requirements-cuda.txt")
	after, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("kernel/requirements-cuda.txt does not follow from its .in:\n%s", after)
	}
}
