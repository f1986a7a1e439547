package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

func TestReason(t *testing.T) {
	failed := errors.New("exit status 2")
	for output, want := range map[string]string{
		"": "exit status 2",
		"W1 warn\nSIGABRT: abort\nPC=0x1\n\ngoroutine 0": "SIGABRT: abort",
		"panic: no client\n\ngoroutine 1 [running]:\n":   "panic: no client",
		"device: xla:x: bad\n":                           "device: xla:x: bad",
		"one\ntwo\n":                                     "two",
	} {
		if got := reason(output, failed); got != want {
			t.Errorf("%q: got %q, want %q", output, got, want)
		}
	}
}

func TestSpace(t *testing.T) {
	dir := t.TempDir()
	if f := space("disk", filepath.Join(dir, "not", "yet"), building); f.state == broken ||
		!strings.HasPrefix(f.detail, dir+":") {
		t.Errorf("a folder that does not exist: %+v", f)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if f := space("disk", dir, building); f.state != broken && os.Geteuid() != 0 { // root may write anywhere
		t.Errorf("a folder that is not writable: %+v", f)
	}
}

func TestKernelspecOfAnotherSetup(t *testing.T) {
	h := paths.Home(t.TempDir())
	file := filepath.Join(h.Kernelspec(), "kernel.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"argv": ["/elsewhere/bin/trafficlab"]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if f := kernelspec(h); f.state != broken || !strings.Contains(f.detail, "belongs to another setup") {
		t.Errorf("got %+v", f)
	}
}

func TestChildThatHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := child(ctx, os.Environ(), "sleep", "60"); err == nil {
		t.Error("no error")
	}
}
