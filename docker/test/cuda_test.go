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

// TestCUDAWheels resolves what the target cuda adds to the image, without downloading its gigabytes: there is a wheel
// of each package for the image's Python and its machine, and the lock is what its requirements give, with the hashes
// that the index has now. It asks an index for what changes by the day, so under TRAFFICLAB_ALL alone.
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
		// The certificates are the machine's, as for pip and Go: uv has some of its own, which know no private authority.
		cmd := exec.CommandContext(t.Context(), uv, append([]string{"--no-python-downloads", "--no-config", "--system-certs"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("uv %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	said := run("pip", "install", "--dry-run", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", "3.13",
		"--python-platform", "x86_64-manylinux_2_28", "--target", filepath.Join(dir, "none"), "-r", "requirements-cuda.txt")
	for _, name := range []string{"jax-cuda13-pjrt", "nvidia-cublas", "nvidia-cuda-nvcc", "nvidia-cudnn-cu13", "nvidia-nccl-cu13", "nvidia-nvvm"} {
		if !strings.Contains(said, " + "+name+"==") {
			t.Errorf("it would not install %s:\n%s", name, said)
		}
	}
	// The versions of the lock are kept, the rest of it is made anew.
	run("pip", "compile", "--universal", "--python-version", "3.12", "--generate-hashes", "--no-header", "--no-emit-index-url",
		"--no-emit-package", "jax-cuda13-plugin", "requirements-cuda.in", "-o", "requirements-cuda.txt")
	after, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Errorf("kernel/requirements-cuda.txt is not what its .in gives:\n%s", after)
	}
}
