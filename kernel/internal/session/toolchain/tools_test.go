package toolchain_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// Packages other than cells are compiled to the same bytes as by Go's own compiler.
func TestSameObjects(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles three packages of the standard library twice: run without -short")
	}
	image, env := testimage.Get(t)
	tools, err := exec.Command("go", "env", "GOTOOLDIR").Output()
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(strings.TrimSpace(string(tools)), "compile")
	for _, pkg := range []string{"strings", "encoding/json", "text/template"} {
		list, err := toolchain.Exec(t.Context(), "go", []string{"list", "-json=Dir,GoFiles", pkg}, "", env)
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Dir     string
			GoFiles []string
		}
		if err := json.Unmarshal(list, &p); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		config := filepath.Join(dir, "cfg")
		if err := os.WriteFile(config, image.Importcfg, 0o600); err != nil {
			t.Fatal(err)
		}
		var objects [][]byte
		for i, compiler := range []string{own, image.Tools.Compile} {
			out := filepath.Join(dir, string(rune('a'+i)))
			args := []string{"-o", out, "-p", pkg, "-std", "-complete", "-c=1", "-nolocalimports", "-trimpath",
				p.Dir, "-importcfg", config, "-pack"}
			for _, f := range p.GoFiles {
				args = append(args, filepath.Join(p.Dir, f))
			}
			if output, err := toolchain.Exec(t.Context(), compiler, args, dir, env); err != nil {
				t.Fatalf("%s: %v\n%s", pkg, err, output)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			objects = append(objects, b)
		}
		if !bytes.Equal(objects[0], objects[1]) {
			t.Errorf("%s: the objects of the two compilers are not the same", pkg)
		}
	}
}

// The tools report the same version as Go's own; otherwise objects are refused.
func TestVersion(t *testing.T) {
	image, env := testimage.Get(t)
	release, _, _ := strings.Cut(runtime.Version(), "-X:") // experiments are reported separately
	for _, tool := range []string{image.Tools.Compile, image.Tools.Link} {
		output, err := toolchain.Exec(t.Context(), tool, []string{"-V"}, "", env)
		if err != nil || !strings.Contains(string(output), " version "+release) {
			t.Errorf("%s: %s, %v; want %s", tool, output, err, release)
		}
	}
}
