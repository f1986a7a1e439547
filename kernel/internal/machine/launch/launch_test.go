package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

func TestGoEnv(t *testing.T) {
	base := []string{"PATH=/usr/bin", "GOWORK=/w", "GOFLAGS=-mod=mod -tags=noxla", "GOEXPERIMENT=none", "KEEP=1"}
	got := env(GoEnv(base, "/home", "/go/bin"))
	for name, want := range map[string]string{
		"PATH":            "/home/bin:/usr/bin:/go/bin",
		"GOWORK":          "",
		"GOTOOLCHAIN":     "local",
		"GOFLAGS":         linking + " -tags=noxla",
		"GOEXPERIMENT":    "none",
		"TRAFFICLAB_HOME": "/home",
		"KEEP":            "1",
	} {
		if v := got.get(name); v != want {
			t.Errorf("%s=%q, want %q", name, v, want)
		}
	}
	if again := env(GoEnv(got, "/home", "")); again.get("GOFLAGS") != got.get("GOFLAGS") {
		t.Errorf("applied to its own result: GOFLAGS=%q", again.get("GOFLAGS"))
	}
}

func TestKernelEnv(t *testing.T) {
	h := paths.Home(t.TempDir())
	s := instance{id: "s", tmp: "/tmp/x", work: "/work"}
	got := env(kernelEnv([]string{"HOME=/none", EnvHeadless + "=1", EnvNotebook + "=/n"}, h, "", s))
	for name, want := range map[string]string{
		"GOPROXY": "off", "TMPDIR": "/tmp/x", EnvSession: "s", EnvWork: "/work", EnvHeadless: "", EnvNotebook: "",
		"GOMLX_NO_AUTO_INSTALL": "", "GLIBC_TUNABLES": malloc, "GOMLX_BACKEND": "",
	} {
		if v := got.get(name); v != want {
			t.Errorf("%s=%q, want %q", name, v, want)
		}
	}
	if err := os.MkdirAll(filepath.Dir(h.Plugin()), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.Plugin(), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	got = kernelEnv([]string{"GLIBC_TUNABLES=glibc.cpu.x=1", "GOMLX_BACKEND=go"}, h, "", s)
	for name, want := range map[string]string{
		"GOMLX_NO_AUTO_INSTALL": "1", "GLIBC_TUNABLES": "glibc.cpu.x=1:" + malloc, "GOMLX_BACKEND": "go",
	} {
		if v := got.get(name); v != want {
			t.Errorf("with a plugin: %s=%q, want %q", name, v, want)
		}
	}
	if got = kernelEnv([]string{"GLIBC_TUNABLES=glibc.malloc.arena_max=4"}, h, "",
		s); got.get("GLIBC_TUNABLES") != "glibc.malloc.arena_max=4" {
		t.Errorf("the user's own malloc settings became %q", got.get("GLIBC_TUNABLES"))
	}
}

func TestHideGopls(t *testing.T) {
	with, without, links := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "links")
	for _, path := range []string{filepath.Join(with, "gopls"), filepath.Join(with, "tool"),
		filepath.Join(without, "other")} {
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	e := env{"PATH=" + with + ":" + without + ":/not/there"}
	if err := hideGopls(&e, links); err != nil {
		t.Fatal(err)
	}
	if path, err := e.lookPath("gopls"); err == nil {
		t.Errorf("gopls is still found, in %s", path)
	}
	for _, name := range []string{"tool", "other"} {
		path, err := e.lookPath(name)
		if err != nil {
			t.Errorf("%s is hidden too", name)
		} else if err := exec.Command(path).Run(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNotebookPath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, filepath.Join(here, "untitled.ipynb")},
		{map[string]string{"JPY_SESSION_NAME": filepath.Join(dir, "a.ipynb")}, filepath.Join(dir, "a.ipynb")},
		{map[string]string{"JPY_SESSION_NAME": "/not/there/a.ipynb"}, filepath.Join(here, "untitled.ipynb")},
		{map[string]string{EnvNotebook: filepath.Join(dir, "b.ipynb"),
			"JPY_SESSION_NAME": filepath.Join(dir, "a.ipynb")}, filepath.Join(dir, "b.ipynb")},
	} {
		got, err := notebookPath(func(name string) string { return c.env[name] })
		if err != nil || got != c.want {
			t.Errorf("%v: got %q, %v; want %q", c.env, got, err, c.want)
		}
	}
}

func TestWorkName(t *testing.T) {
	a, b := workName("/x/one.ipynb"), workName("/y/one.ipynb")
	if a == b || a != workName("/x/one.ipynb") || !strings.HasPrefix(a, "one-") {
		t.Errorf("got %q and %q", a, b)
	}
}
