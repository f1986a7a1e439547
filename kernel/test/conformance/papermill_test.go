package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// TestPapermill runs plain papermill, as a user does who does not know our command.
func TestPapermill(t *testing.T) {
	h := kerneltest.Machine(t)
	papermill := filepath.Join(h.Venv(), "bin", "papermill")
	nb := kerneltest.Write(t, "one.ipynb", kerneltest.Code(kerneltest.Imports), parameters(), report(),
		kerneltest.Code("%%\nfmt.Println(missing)", "raises-exception"))
	caller, out := t.TempDir(), filepath.Join(t.TempDir(), "done.ipynb")

	output, status := kerneltest.Command(t, caller, nil, papermill, nb, out, "-p", "lr", "2", "-p", "data", "flows")
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	want := "float64 2 \"" + filepath.Join(caller, "flows") + "\" 3\n" +
		filepath.Base(filepath.Dir(nb)) + " " + strings.TrimSuffix(out, ".ipynb") + ".work\n"
	if got := kerneltest.Outputs(t, out); got[3] != want {
		t.Errorf("the cell printed %q, want %q", got[3], want)
	}

	output, status = kerneltest.Command(t, caller, nil, papermill, nb, out, "-p", "lr", "fast", "--no-progress-bar")
	if status == 0 {
		t.Error("a value of the wrong type: status 0")
	}
	kerneltest.Wants(t, "its output", output, "Error: kernel: parameter \"lr\": \"fast\" is not a valid float64\n")

	output, _ = kerneltest.Command(t, caller, nil, papermill, "--help-notebook", nb)
	kerneltest.Wants(t, "its help", output, "lr: float64 (default 0.5)", "learning rate")

	panics := kerneltest.Write(t, "two.ipynb", kerneltest.Code("%%\npanic(\"of mine\")"))
	output, status = kerneltest.Command(t, caller, nil, papermill, panics, out)
	if status == 0 {
		t.Error("a panic: status 0")
	}
	kerneltest.Wants(t, "its output", output, "panic: of mine")
}

// A run empties its work folder, but no other folder.
func TestWorkFolderIsNew(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "one.ipynb", kerneltest.Code("import (\n\t\"os\"\n\t\"path/filepath\"\n)"),
		kerneltest.Code("%%\nos.WriteFile(filepath.Join(os.Getenv(\"TRAFFICLAB_WORK\"), \"left\"), nil, 0o666)"),
		kerneltest.Code("%%\nfound, _ := filepath.Glob(filepath.Join(os.Getenv(\"TRAFFICLAB_WORK\"), "+
			"\"*\"))\nprintln(len(found))"))
	out := t.TempDir()
	run := func() {
		t.Helper()
		if output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", nb, "--out", out); status != 0 {
			t.Fatalf("status %d:\n%s", status, output)
		}
	}
	mine := filepath.Join(out, "one.work", "mine")
	if err := os.MkdirAll(filepath.Dir(mine), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	run()
	if _, err := os.Stat(mine); err != nil {
		t.Error("a folder that was not a run's was emptied")
	}
	run()
	if _, err := os.Stat(mine); err == nil {
		t.Error("the folder of the previous run was not emptied")
	}
}

// The linker's flags must work without cgo too, as on a machine without a C compiler.
func TestWithoutCgo(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "one.ipynb", kerneltest.Code("import "+
		"(\n\t\"fmt\"\n\t\"runtime/debug\"\n\t\"strings\"\n)"),
		kerneltest.Code("%%\ninfo, _ := debug.ReadBuildInfo()\nfmt.Println(strings.Contains(info.String(), "+
			"\"CGO_ENABLED=0\"))"))
	out := filepath.Join(t.TempDir(), "done.ipynb")
	env := []string{"CGO_ENABLED=0", "CC=/no/such/compiler"}
	if output, status := kerneltest.Command(t, ".", env, filepath.Join(h.Venv(), "bin", "papermill"), nb,
		out); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	if got := kerneltest.Outputs(t, out); got[1] != "true\n" {
		t.Errorf("built with cgo, or not at all: %q", got[1])
	}
}
