package setup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

func newSetup(t *testing.T) (*Setup, *strings.Builder) {
	var out strings.Builder
	return &Setup{Home: paths.Home(t.TempDir()), Out: &out, record: paths.Record{Steps: map[string]string{}}}, &out
}

func constant(hash string) func() (string, error) {
	return func() (string, error) { return hash, nil }
}

func TestPerform(t *testing.T) {
	s, out := newSetup(t)
	recorded := func() string {
		r, err := s.Home.ReadRecord()
		if err != nil {
			t.Fatal(err)
		}
		return r.Steps["a"]
	}
	during := "nothing"
	ok := step{name: "a", title: "A", inputs: constant("h1"),
		do: func(context.Context) error { during = recorded(); return nil }}
	s.record.Steps["a"] = "h0"
	if err := s.perform(t.Context(), ok, 1, 2); err != nil || recorded() != "h1" {
		t.Errorf("done: %v, recorded %q", err, recorded())
	}
	if during != "" { // killed now, it must not look finished
		t.Errorf("while it was being done it was recorded as %q", during)
	}
	if !strings.HasPrefix(out.String(), "[1/2] A …") || !strings.HasSuffix(out.String(), " s\n") {
		t.Errorf("it printed %q", out.String())
	}

	bad := errors.New("kernel: no luck")
	fails := step{name: "a", title: "A", inputs: constant("h2"), do: func(context.Context) error { return bad }}
	if err := s.perform(t.Context(), fails, 1, 1); !errors.Is(err, bad) || recorded() != "" {
		t.Errorf("failed: %v, recorded %q", err, recorded())
	}
	fails.without = "Without it, less"
	if err := s.perform(t.Context(), fails, 1, 1); err != nil || recorded() != failed+"h2" {
		t.Errorf("failed and not needed: %v, recorded %q", err, recorded())
	}
	if !strings.Contains(out.String(), "kernel: no luck\n    Without it, less.") {
		t.Errorf("it printed %q", out.String())
	}

	ctx, cancel := context.WithCancel(t.Context())
	stopped := fails
	stopped.do = func(context.Context) error { cancel(); return bad }
	if err := s.perform(ctx, stopped, 1, 1); err == nil || !strings.Contains(err.Error(), "interrupted") ||
		recorded() != "" {
		t.Errorf("interrupted: %v, recorded %q", err, recorded())
	}
}

// checkout makes a folder with everything that the steps read, and a home in which all steps are
// done.
func checkout(t *testing.T) *Setup {
	s, _ := newSetup(t)
	s.Checkout = t.TempDir()
	for _, path := range []string{
		"go.mod", "go.sum", "kernel/main.go", "kernel/tools.mod", "kernel/tools.sum", "kernel/requirements.txt",
		"kernel/requirements-pjrt.txt", "kernel/jupyter/logo-svg.svg", "kernel/papermill/p/engine.py",
		"trafficlib/model/device/device.go", "notebooks/1.ipynb",
	} {
		change(t, s, path)
	}
	for _, step := range s.steps() {
		if step.optIn {
			continue
		}
		hash, err := step.inputs()
		if err != nil {
			t.Fatal(err)
		}
		s.record.Steps[step.name] = hash
		for _, made := range step.outputs {
			write(t, made, "made")
		}
	}
	return s
}

func change(t *testing.T, s *Setup, path string) {
	t.Helper()
	path = filepath.Join(s.Checkout, path)
	old, _ := os.ReadFile(path)
	write(t, path, string(old)+"changed\n")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatChangedIsRedone(t *testing.T) {
	for _, c := range []struct {
		change string
		want   string // names of the steps
	}{
		{"", ""},
		{"README.md", ""},
		{"kernel/main_test.go", ""},
		{"kernel/internal/x/testdata/x.go", ""},
		{"kernel/main.go", "program"},
		{"kernel/new.go", "program"},
		{"kernel/internal/x/src/new.go.txt", "program"},
		{"kernel/tools.sum", "editor"},
		{"kernel/requirements.txt", "python papermill kernelspec pjrt"}, // they are in the environment
		{"kernel/requirements-pjrt.txt", "pjrt"},
		{"kernel/jupyter/logo-svg.svg", "kernelspec"},
		{"kernel/papermill/p/engine.py", "papermill"},
		{"kernel/papermill/p/__pycache__/engine.pyc", ""},
		{"trafficlib/data/seq/seq.go", "session warm"},
		{"trafficlib/model/device/device.go", "session try warm"},
		{"notebooks/1.ipynb", "warm"},
		{"go.sum", "tools program session try warm"},
	} {
		s := checkout(t)
		if c.change != "" {
			change(t, s, c.change)
		}
		todo, err := s.todo()
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, step := range todo {
			got = append(got, step.name)
		}
		want := strings.Fields(c.want)
		if !havePlugin {
			want = strings.Fields(strings.ReplaceAll(c.want, "pjrt", ""))
		}
		if !images.Supported {
			want = slices.DeleteFunc(want, func(name string) bool { return name == "session" })
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("changed %q: to do %v, want %v", c.change, got, want)
		}
	}
}

func TestWhatIsRemovedIsRedone(t *testing.T) {
	s := checkout(t)
	if err := os.Remove(s.Home.Tool("gonb")); err != nil {
		t.Fatal(err)
	}
	todo, err := s.todo()
	if err != nil || len(todo) != 1 || todo[0].name != "tools" {
		t.Errorf("got %v, %v", todo, err)
	}
}

// names returns the names of the steps to do.
func names(t *testing.T, s *Setup) string {
	t.Helper()
	todo, err := s.todo()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, step := range todo {
		all = append(all, step.name)
	}
	return strings.Join(all, " ")
}

func TestStepsByName(t *testing.T) {
	s := checkout(t)
	s.record.Steps = map[string]string{}
	if got := names(t, s); got == "" || strings.Contains(got, "cuda") {
		t.Errorf("of a new home: %q", got)
	}
	s.Only = []string{"warm", "tools"}
	if got := names(t, s); got != "tools warm" {
		t.Errorf("two steps: %q", got)
	}
	if !havePlugin {
		return
	}
	s = checkout(t)
	if got := names(t, s); got != "" {
		t.Errorf("nothing is to do, and it would do %q", got)
	}
	s.Only = []string{"cuda"}
	if got := names(t, s); got != "cuda" {
		t.Errorf("asked for CUDA: %q", got)
	}
	// From then on it is kept up to date without a request.
	s.Only = nil
	s.record.Steps["cuda"] = "an old one"
	if got := names(t, s); got != "cuda" {
		t.Errorf("another list for CUDA: %q", got)
	}
}

// An environment that was made from the same list is kept.
func TestEnvironmentOfALayerBelow(t *testing.T) {
	s := checkout(t)
	change(t, s, "kernel/requirements.txt")
	list, err := os.ReadFile(filepath.Join(s.Checkout, "kernel", "requirements.txt"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(s.Home.Venv(), "requirements.txt"), string(list))
	if err := s.makeVenv(t.Context()); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(s.Home.Python()); err != nil || string(data) != "made" {
		t.Errorf("the environment was made anew: %v", err)
	}
	// One with another list is removed.
	write(t, filepath.Join(s.Home.Venv(), "requirements.txt"), "jupyterlab==1\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.makeVenv(ctx); err == nil {
		t.Error("no error")
	}
	if data, _ := os.ReadFile(filepath.Join(s.Home.Venv(), "requirements.txt")); string(data) == string(list) {
		t.Error("an environment that is not complete has the list of one that is")
	}
}

func TestWhatFailedIsTriedAgainWhenAsked(t *testing.T) {
	s := checkout(t)
	s.record.Steps["editor"] = failed + s.record.Steps["editor"]
	if todo, err := s.todo(); err != nil || len(todo) != 0 {
		t.Errorf("not asked: %v, %v", todo, err)
	}
	s.Retry = true
	if todo, err := s.todo(); err != nil || len(todo) != 1 {
		t.Errorf("asked: %v, %v", todo, err)
	}
}

func TestLockIsWaitedFor(t *testing.T) {
	s, out := newSetup(t)
	unlock, err := s.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		_, err := s.lock(ctx)
		got <- err
	}()
	cancel()
	if err := <-got; err == nil {
		t.Error("two setups hold the lock")
	}
	if !strings.Contains(out.String(), "waiting") {
		t.Errorf("it printed %q", out.String())
	}
	unlock()
	if unlock, err = s.lock(t.Context()); err != nil {
		t.Error(err)
	} else {
		unlock()
	}
}

func TestFindGoTooOld(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module m\n\ngo 1.999.1\n")
	_, err := FindGo(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "requires 1.999.1 or newer") {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err = FindGo(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "install Go 1.999.1") {
		t.Errorf("without go: %v", err)
	}
	if _, _, err = FindPython(t.Context()); err == nil || !strings.Contains(err.Error(), "none is on the PATH") {
		t.Errorf("without python: %v", err)
	}
}

func TestCellImports(t *testing.T) {
	got := cellImports("%noautoget\n// All of it.\nimport (\n\t\"fmt\"\n\tx \"a/b\"\n\t\"C\"\n)\n%%\nfmt.Println(")
	if want := []string{"fmt", "a/b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, cell := range []string{"", "%%\nx := 1", "not go at all", "!ls"} {
		if got := cellImports(cell); len(got) != 0 {
			t.Errorf("%q: got %v", cell, got)
		}
	}
}

func TestFindPythonSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	fake := func(name, script string) {
		t.Helper()
		write(t, filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n")
		if err := os.Chmod(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	fake("python3", "echo it has no venv module >&2; exit 1")
	fake("python", "echo it is Python 2.7 >&2; exit 1")
	_, _, err := FindPython(t.Context())
	if want := filepath.Join(dir, "python3") +
		": it has no venv module (apt install python3 python3-venv,"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	fake("python3.12", "echo 3.12.1")
	if path, version, err := FindPython(t.Context()); err != nil || path != filepath.Join(dir, "python3.12") ||
		version != "3.12.1" {
		t.Errorf("got %q, %q, %v", path, version, err)
	}
}
