package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

func parameters() map[string]any {
	return kerneltest.Code("var (\n\tlr float64 = 0.5 // learning rate\n\tdata string = \"bundled\"\n\tn = 3\n)",
		"parameters")
}

func report() map[string]any {
	return kerneltest.Code("%%\nhere, _ := os.Getwd()\n" +
		"fmt.Printf(\"%T %v %q %d\\n\", lr, lr, data, n)\n" +
		"fmt.Println(filepath.Base(here), os.Getenv(\"TRAFFICLAB_WORK\"))")
}

func TestRun(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "one.ipynb", kerneltest.Text("# First"), kerneltest.Code(kerneltest.Imports),
		parameters(), kerneltest.Text("text\n\n## Show it"), report())
	caller, out := t.TempDir(), t.TempDir()
	output, status := kerneltest.Command(t, caller, nil, h.Program(), "run", nb, "-p", "lr=1", "-p", "data=flows/x",
		"--out", out)
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	kerneltest.Wants(t, "its output", output, "[4/4] Show it … ", " s\n", "passed",
		"1 of 1 notebooks passed; results in "+out)
	got := kerneltest.Outputs(t, filepath.Join(out, "one.ipynb"))
	want := "float64 1 \"" + filepath.Join(caller, "flows/x") + "\" 3\n" +
		filepath.Base(filepath.Dir(nb)) + " " + filepath.Join(out, "one.work") + "\n"
	if got[len(got)-1] != want {
		t.Errorf("the last cell printed %q, want %q", got[len(got)-1], want)
	}
	data, err := os.ReadFile(filepath.Join(out, "one.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	kerneltest.Wants(t, "the executed notebook", string(data), `"pygments_lexer": "go"`, "lr float64 = 1")
}

func TestRunRefusesBeforeAnythingRuns(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "one.ipynb", kerneltest.Code(kerneltest.Imports), parameters(), report())
	broken := filepath.Join(t.TempDir(), "two.ipynb")
	if err := os.WriteFile(broken, []byte(`{"cells": [`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{nb, "-p", "rate=1"},
			`kernel: parameter "rate": not declared by the notebook, which declares: lr, data, n (` + nb + ")\n"},
		{[]string{nb, "-p", "n=1.5"}, `kernel: parameter "n": "1.5" is not a valid int (` + nb + ")\n"},
		{[]string{nb, broken}, "kernel: " + broken + ": not a notebook: unexpected end of JSON input\n"},
		{[]string{nb, "--out", filepath.Dir(nb)}, "kernel: " + nb + ": --out is the notebook's own folder; " +
			"--inplace refreshes the notebook itself\n"},
	} {
		output, status := kerneltest.Command(t, t.TempDir(), nil, h.Program(), append([]string{"run"}, c.args...)...)
		if status == 0 || !strings.HasSuffix(output, c.want) || strings.Contains(output, "[1/") {
			t.Errorf("%q: status %d, it printed %q, want %q", c.args, status, output, c.want)
		}
	}
}

func TestFailures(t *testing.T) {
	h := kerneltest.Machine(t)
	for _, c := range []struct {
		name, cell string
		words      []string
	}{
		{"compile", "%%\nfmt.Println(missing)", []string{"undefined: missing", "Cell[2]: Line 2"}},
		{"panic", "%%\nvar p *int\nfmt.Println(*p)", []string{"panic: runtime error: invalid memory address",
			"Cell [2] Line 3", "exit status 2"}},
		{"exit", "%%\nfmt.Fprintln(os.Stderr, \"\\x1b[31merror: flows.csv:7: bad\\x1b[0m\")\nos.Exit(1)",
			[]string{"    error: flows.csv:7: bad\n", "exit status 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			nb := kerneltest.Write(t, c.name+".ipynb", kerneltest.Text("# Part"), kerneltest.Code(kerneltest.Imports),
				kerneltest.Code(c.cell), kerneltest.Code("%%\nfmt.Println(\"too far\")"))
			out := t.TempDir()
			output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", nb, "--out", out)
			if status != 1 {
				t.Errorf("status %d, want 1", status)
			}
			kerneltest.Wants(t, "its output", output, append(c.words, "FAILED in "+c.name+".ipynb, cell 2 (Part):\n",
				"0 of 1 notebooks passed")...)
			if strings.ContainsAny(output, "\x1b<") || strings.Contains(output, "gonb_") {
				t.Errorf("not plain text: %q", output)
			}
			got := kerneltest.Outputs(t, filepath.Join(out, c.name+".ipynb"))
			kerneltest.Wants(t, "the executed notebook", got[1], strings.TrimSpace(c.words[0]))
			if got[2] != "" {
				t.Errorf("the cell after it ran: %q", got[2])
			}
		})
	}
}

func TestTimeLimits(t *testing.T) {
	h := kerneltest.Machine(t)
	for _, limit := range []string{"--cell-timeout", "--timeout"} {
		t.Run(limit, func(t *testing.T) {
			nb := kerneltest.Write(t, "slow.ipynb", kerneltest.Code(kerneltest.Imports),
				kerneltest.Code("%%\nfmt.Fprintln(os.Stderr, \"begun\")\ntime.Sleep(time.Hour)"))
			out := t.TempDir()
			output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", nb, "--out", out, limit, "3s")
			if status != 1 {
				t.Errorf("status %d, want 1", status)
			}
			kerneltest.Wants(t, "its output", output, "by the time limit\n    begun\n")
			kerneltest.Wants(t, "the executed notebook", kerneltest.Outputs(t, filepath.Join(out, "slow.ipynb"))[1],
				"begun", "by the time limit")
		})
	}
}

func TestInPlace(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "kept.ipynb", kerneltest.Text("# Kept"), kerneltest.Code(kerneltest.Imports),
		parameters(), report(),
		kerneltest.Code("%%\nfmt.Println(missing)", "raises-exception"), kerneltest.Code("%%\nfmt.Println(\"after\")"))
	refresh := func(want int) []byte {
		t.Helper()
		if output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", "--inplace", nb, "--out",
			t.TempDir()); status != want {
			t.Fatalf("status %d:\n%s", status, output)
		}
		data, err := os.ReadFile(nb)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	first := refresh(0)
	got := kerneltest.Outputs(t, nb)
	if want := "float64 0.5 \"bundled\" 3\n" + filepath.Base(filepath.Dir(nb)) + " work\n"; got[2] != want {
		t.Errorf("kept %q, want %q", got[2], want)
	}
	kerneltest.Wants(t, "the cell that is expected to fail", got[3], "undefined: missing")
	if got[4] != "after\n" {
		t.Errorf("the cell after it: %q", got[4])
	}
	for _, word := range []string{`"papermill"`, "injected-parameters", `"execution"`, "gonb_", os.TempDir()} {
		if bytes.Contains(first, []byte(word)) {
			t.Errorf("the notebook holds %q:\n%s", word, first)
		}
	}
	if again := refresh(0); !bytes.Equal(first, again) {
		t.Errorf("a second run changed it:\n%s\n%s", first, again)
	}
	failing := bytes.Replace(first, []byte(`fmt.Println(\"after\")`), []byte("nonsense()"), 1)
	if err := os.WriteFile(nb, failing, 0o666); err != nil {
		t.Fatal(err)
	}
	if left := refresh(1); !bytes.Equal(left, failing) {
		t.Error("a run that failed changed the notebook")
	}
	if entries, _ := os.ReadDir(filepath.Dir(nb)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestSeveralNotebooks(t *testing.T) {
	h := kerneltest.Machine(t)
	good := kerneltest.Write(t, "good.ipynb", kerneltest.Code("%%\nprintln()"))
	bad := kerneltest.Write(t, "bad.ipynb", kerneltest.Code("%%\nnonsense()"))
	output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", bad, good, "--out", t.TempDir())
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	kerneltest.Wants(t, "its output", output, "s  bad.ipynb\n", "s  good.ipynb\n", "1 of 2 notebooks passed")
}

func TestSetupAgainDoesNothing(t *testing.T) {
	h := kerneltest.Machine(t)
	// Without a network: an attempt to use it fails at once.
	env := []string{"GOPROXY=off", "PIP_INDEX_URL=http://127.0.0.1:9/", "PIP_NO_INDEX=1"}
	if output, status := kerneltest.Command(t, ".", env, h.Program(), "setup"); status != 0 {
		t.Fatalf("status %d:\n%s", status, output) // may redo what other tests' files changed
	}
	output, status := kerneltest.Command(t, ".", env, h.Program(), "setup")
	if status != 0 || strings.Count(output, "\n") != 1 || !strings.HasPrefix(output, "Ready, in ") {
		t.Errorf("status %d, it printed %q", status, output)
	}
}

// The progress that a training cell shows in a browser is printed as lines, and nothing else.
func TestProgressLines(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "train.ipynb", kerneltest.Text("# Train"),
		kerneltest.Code("import (\n\t\"encoding/gob\"\n\t\"fmt\"\n\t\"github.com/janpfeifer/gonb/gonbui\"\n"+
			"\t\"github.com/janpfeifer/gonb/gonbui/protocol\"\n)"),
		kerneltest.Code("%%\ngob.Register(map[string]any{})\nfor i := range 3 {\n\tfor _, mark := range "+
			"[]bool{true, false} {\n"+
			"\t\tgonbui.SendData(&protocol.DisplayData{\n"+
			"\t\t\tData: map[protocol.MIMEType]any{protocol.MIMETextPlain: fmt.Sprint(\"step \", i, mark)},\n"+
			"\t\t\tMetadata: map[string]any{\"trafficlab\": map[string]any{\"progress\": mark}},\n"+
			"\t\t\tDisplayID: fmt.Sprint(mark),\n\t\t})\n\t}\n}\ngonbui.Sync()"))
	output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", nb, "--out", t.TempDir())
	if status != 0 {
		t.Errorf("status %d", status)
	}
	kerneltest.Wants(t, "its output", output, "[2/2] Train …\n    step 2 true\n[2/2] Train … ")
	if strings.Contains(output, "false") || strings.Contains(output, "step 1") { // too soon after the previous line
		t.Errorf("it printed too much:\n%s", output)
	}
}

// Cells get the plugin that setup installed, linked with the kernel's flags; a choice of the user
// is kept.
func TestBackend(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "device.ipynb", kerneltest.Code("import "+
		"(\n\t\"fmt\"\n\t\"github.com/trafficlab/trafficlab/trafficlib/model/device\"\n)"),
		kerneltest.Code("%%\nb, err := device.Open(\"\")\nif err != nil "+
			"{\n\tpanic(err)\n}\nfmt.Println(device.Describe(b))\nb.Finalize()"))
	for choice, want := range map[string]string{"go": "go\n", "": "xla:"} {
		t.Run("GOMLX_BACKEND="+choice, func(t *testing.T) {
			if _, err := os.Stat(h.Plugin()); err != nil && choice == "" {
				kerneltest.Skip(t, "no PJRT CPU plugin (run: go run ./kernel setup)")
			}
			out := t.TempDir()
			env := []string{"GOMLX_BACKEND=" + choice, "PJRT_PLUGIN_LIBRARY_PATH="}
			output, status := kerneltest.Command(t, ".", env, h.Program(), "run", nb, "--out", out)
			if status != 0 {
				t.Fatalf("status %d:\n%s", status, output)
			}
			if got := kerneltest.Outputs(t, filepath.Join(out, "device.ipynb")); !strings.HasPrefix(got[1], want) {
				t.Errorf("got %q, want %q", got[1], want)
			}
		})
	}
}

// A folder mounted over the home directory, as in a container, hides the user's files there. The
// kernel works without them if it knows where Go's modules are.
func TestHomeMountedOver(t *testing.T) {
	h := kerneltest.Machine(t)
	output, status := kerneltest.Command(t, ".", nil, "go", "env", "GOMODCACHE", "GOCACHE", "GOPATH")
	if status != 0 {
		t.Fatal(output)
	}
	caches := strings.Split(strings.TrimSpace(output), "\n")
	empty, out := t.TempDir(), t.TempDir()
	env := []string{"HOME=" + empty, "XDG_CACHE_HOME=", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "GOPATH=",
		"TRAFFICLAB_HOME=" + string(h),
		"GOMODCACHE=" + caches[0], "GOCACHE=" + caches[1]}
	nb := kerneltest.Write(t, "home.ipynb", kerneltest.Code(kerneltest.Imports),
		kerneltest.Code("home, _ := os.UserHomeDir()\nfmt.Println(home)"), kerneltest.Code("%%\nfmt.Println(1 + 1)"))
	if output, status := kerneltest.Command(t, ".", env, h.Program(), "run", nb, "--out", out); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	if got := kerneltest.Outputs(t, filepath.Join(out, "home.ipynb")); got[1] != empty+"\n" || got[2] != "2\n" {
		t.Errorf("the cells output %q", got[1:])
	}
}
