package gobuild

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/gonb/patch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// cellsModule makes a folder like GoNB's: a module and a workspace with the checkout.
func cellsModule(t *testing.T) (Job, *Builder, *[]string) {
	t.Helper()
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(goCommand, "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	v := strings.TrimPrefix(goVersion(strings.TrimSpace(string(version))), "go")
	dir := t.TempDir()
	write(t, dir, "go.mod", "module cells\n\ngo "+v+"\n\nreplace "+paths.Module+" => "+checkout+"\n")
	write(t, dir, "go.work", "go "+v+"\n\nuse (\n\t.\n\t"+checkout+"\n)\n")
	env := append(os.Environ(), "GOFLAGS='-ldflags=-w -linkmode=internal' -buildvcs=false", "GOWORK=", "GOPROXY=off",
		"GOTOOLCHAIN=local")
	var calls []string
	b := &Builder{Dir: t.TempDir(), Keep: 2, Run: func(ctx context.Context, path string, args []string, dir string,
		env []string) ([]byte, bool, error) {
		calls = append(calls, filepath.Base(path)+" "+args[0])
		cmd := exec.CommandContext(ctx, path, args...)
		cmd.Dir, cmd.Env = dir, env
		text, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return text, false, nil
		}
		return text, err == nil, err
	}}
	return Job{Go: goCommand, Dir: dir, File: "main.go", Env: env}, b, &calls
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func output(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.Command(path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestBuild(t *testing.T) {
	j, b, calls := cellsModule(t)
	build := func(source string) (string, string) {
		t.Helper()
		*calls = nil
		write(t, j.Dir, "main.go", source)
		path, text, err := b.Build(t.Context(), j)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return path, string(text)
	}
	const hello = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"
	path, _ := build(hello)
	if got := output(t, path); got != "hello\n" {
		t.Errorf("it printed %q", got)
	}
	if again, _ := build(hello); again != path || len(*calls) != 0 {
		t.Errorf("built again: %v", *calls)
	}
	path, _ = build(strings.Replace(hello, "hello", "other", 1))
	if got := output(t, path); got != "other\n" || len(*calls) != 2 {
		t.Errorf("it printed %q; called %v", got, *calls)
	}
	if path, text := build("package main\n\nfunc main() {\n\tmissing()\n}\n"); path != "" ||
		!strings.Contains(text, "main.go:4:2: undefined: missing") {
		t.Errorf("got %q, %q", path, text)
	}
	path, _ = build("package main\n\nimport (\n\t\"fmt\"\n\t\"runtime/debug\"\n\n" +
		"\t\"github.com/trafficlab/trafficlab/trafficlib/data/seq\"\n)\n\n" +
		"func main() { i, _ := debug.ReadBuildInfo(); _, err := seq.Open(\"/none\"); fmt.Println(i, err) }\n")
	if got := output(t, path); !strings.Contains(got, "CGO_ENABLED=") || !strings.Contains(got, paths.Module) ||
		!strings.Contains(got, "/none") {
		t.Errorf("it printed %q", got)
	}
	if len(b.programs) != 2 {
		t.Errorf("it keeps %d programs", len(b.programs))
	}
	for name, source := range map[string]string{
		"cgo":             "package main\n\nimport \"C\"\n\nfunc main() {}\n",
		"pragma":          "package main\n\n//go:noinline\nfunc main() {}\n",
		"no such package": "package main\n\nimport _ \"example.com/none\"\n\nfunc main() {}\n", "no Go": "package",
	} {
		write(t, j.Dir, "main.go", source)
		if _, _, err := b.Build(t.Context(), j); !errors.Is(err, ErrOther) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(t, j.Dir, "main.go", hello)
	write(t, j.Dir, "other.go", "package main\n")
	if _, _, err := b.Build(t.Context(), j); !errors.Is(err, ErrOther) {
		t.Errorf("another file: %v", err)
	}
}

// A change in a module outside the module cache is noticed.
func TestChange(t *testing.T) {
	j, b, _ := cellsModule(t)
	lib := filepath.Join(j.Dir, "lib")
	if err := os.Mkdir(lib, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, j.Dir, "main.go", "package main\n\nimport \"cells/lib\"\n\nfunc main() { println(lib.N) }\n")
	for _, n := range []string{"1", "22"} {
		write(t, lib, "lib.go", "package lib\n\nconst N = "+n+"\n")
		path, text, err := b.Build(t.Context(), j)
		if err != nil || path == "" {
			t.Fatalf("%v\n%s", err, text)
		}
		if got := output(t, path); got != n+"\n" {
			t.Errorf("it printed %q, want %s", got, n)
		}
	}
}

// The patched gonbui is linked.
func TestPatch(t *testing.T) {
	j, b, calls := cellsModule(t)
	b.Patch = func(path, dir string) map[string]string {
		if path == patch.Package {
			return patch.Files(dir)
		}
		return nil
	}
	write(t, j.Dir, "main.go",
		"package main\n\nimport \""+patch.Package+"\"\n\nfunc main() { gonbui.DisplayHTML(\"x\") }\n")
	path, text, err := b.Build(t.Context(), j)
	if err != nil || path == "" {
		t.Fatalf("%v\n%s", err, text)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.Patch == nil || !strings.Contains(string(data), "trafficlabOrdered") {
		t.Errorf("the program does not have the patched package; called %v", *calls)
	}
}

func TestFixImports(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"package main\n\nfunc main() { fmt.Println(os.Args) }\n",
			"package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n\nfunc main() { fmt.Println(os.Args) }\n"},
		{"package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\tm \"math\"\n\t_ \"embed\"\n)\n\nfunc main() { fmt.Println() }\n",
			"package main\n\nimport (\n\t\"fmt\"\n\t_ \"embed\"\n)\n\n\n\nfunc main() { fmt.Println() }\n"},
		{"package main\n\nimport \"a/b\"\n\nfunc main() { c.F() }\n",
			"package main\n\nimport (\n\t\"a/b\"\n)\n\n\n\nfunc main() { c.F() }\n"},
		{"package main\n\nfunc main() { rand.Int() }\n", ""},
		{"package main\n\nfunc main() { undefined.F() }\n", ""},
		{"package main\n\nimport \"x/unknown\"\n\nfunc main() {}\n", ""},
		{"package main\n\nfunc main() { os := t{}; os.F() }\n", "package main\n\nfunc main() { os := t{}; os.F() }\n"},
		{"package", ""},
	} {
		got, ok := FixImports([]byte(c.source), map[string]string{"a/b": "c"})
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if ok != (c.want != "") || squeeze(string(got)) != squeeze(c.want) {
			t.Errorf("%q: got %q, %v; want %q", c.source, got, ok, c.want)
		}
	}
}

func TestFlags(t *testing.T) {
	f, ok := parseFlags(`'-ldflags=-w -linkmode=internal' -buildvcs=false -tags=noxla`)
	if !ok || strings.Join(f.link, "|") != "-w|-linkmode=internal" {
		t.Errorf("got %q, %v", f.link, ok)
	}
	if _, ok := parseFlags("-race"); ok {
		t.Error("an unknown flag was accepted")
	}
}
