package device

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
)

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(text, []byte("this is no library"), 0o666); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"xla:" + text:                          "not a PJRT plugin",
		"xla:" + self:                          "not a PJRT plugin",
		"xla:" + filepath.Join(dir, "gone.so"): "no such file",
		"tpu":                                  `unknown backend "tpu"`,
		"xla:\n":                               "no PJRT plugin for",
	} {
		t.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
		b, err := Open(name)
		if err == nil {
			t.Errorf("Open(%q) = %v", name, b)
			continue
		}
		if !linked && strings.HasPrefix(name, "xla") {
			want = "built without XLA"
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%q): %v, want %q", name, err, want)
		}
	}
}

// TestBrokenPluginInPath checks that a file that only looks like a plugin is skipped, and named in
// the error if there is no other.
func TestBrokenPluginInPath(t *testing.T) {
	if !linked {
		t.Skip("built without XLA: it needs cgo, so a C compiler")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pjrt_c_api_cpu_plugin.so"), []byte("\x7fELF and no more"),
		0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", dir)
	t.Setenv("TRAFFICLAB_HOME", t.TempDir())
	t.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	found := Plugins()
	if len(found) != 1 || found[0].Name != "cpu" || found[0].Err == nil {
		t.Errorf("Plugins() = %v", found)
	}
	if _, err := Open("xla:cpu"); err == nil || !strings.Contains(err.Error(), dir) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("Open: %v, want one line that names the file", err)
	}
	t.Setenv("GOMLX_BACKEND", "")
	b, err := Open("")
	if err != nil || Describe(b) != "go" {
		t.Errorf("Open(\"\") = %v, %v: want the Go backend", b, err)
	}
}

// TestDefault checks that there is a backend on any machine, however this program was built.
func TestDefault(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "")
	b, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	if got := Describe(b); !linked && got != "go" {
		t.Errorf("built without XLA, and it opened %s", got)
	}
}

// TestWithoutCgo checks that a machine without a C compiler can build this package and gets the Go
// backend, even if there is a plugin, which it cannot load.
func TestWithoutCgo(t *testing.T) {
	if !linked {
		t.Skip("this is the build without cgo")
	}
	if testing.Short() {
		t.Skip("it rebuilds everything without cgo; go test without -short does so")
	}
	cmd := exec.Command("go", "test", "-run", "^(TestDefault|TestRefusals)$", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("CGO_ENABLED=0 go test: %v\n%s", err, out)
	}
}

// TestShared checks that a name has one backend until that is finalized.
func TestShared(t *testing.T) {
	open := func(name string) compute.Backend {
		t.Helper()
		b, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := open("go")
	t.Setenv(compute.ConfigEnvVar, "go")
	if open("go") != first || open("") != first {
		t.Error("the same name opened a second backend")
	}
	if open("go:parallelism=1") == first {
		t.Error("another name opened the same backend")
	}
	first.Finalize()
	if again := open("go"); again == first || again.IsFinalized() {
		t.Error("a backend that was finalized was returned again")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if b, err := Open("go"); err != nil || b.IsFinalized() {
				t.Error(b, err)
			}
		})
	}
	all.Wait()
}
