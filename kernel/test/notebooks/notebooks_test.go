package notebooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// The notebooks of the checkout, run as a user runs them.

// runNotebook runs a notebook of the checkout with the installed command. It returns the plain-text
// output of each code cell.
func runNotebook(t *testing.T, name string, env []string, args ...string) []string {
	t.Helper()
	return outputs(t, execute(t, kerneltest.Checkout(t, "notebooks", name), env, args...))
}

// execute runs a notebook with the installed command, in parallel with other tests, and returns the
// path of the executed copy.
func execute(t *testing.T, path string, env []string, args ...string) string {
	t.Helper()
	h, out := kerneltest.Machine(t), kerneltest.Artifacts(t)
	t.Parallel()
	cmd := exec.CommandContext(waits.Context(t), h.Tool("trafficlab"), append([]string{"run", path, "--out", out},
		args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it writes its results
	cmd.Env = append(os.Environ(), env...)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return filepath.Join(out, filepath.Base(path))
}

// bundled runs a whole notebook on its bundled data. It checks that the file in the checkout keeps
// the outputs of a run: each cell with output now has output there.
func bundled(t *testing.T, name string) []string {
	t.Helper()
	text := runNotebook(t, name, []string{"GOMLX_BACKEND="})
	kept := outputs(t, kerneltest.Checkout(t, "notebooks", name))
	for i, s := range text {
		if strings.TrimSpace(s) != "" && strings.TrimSpace(kept[i]) == "" {
			t.Errorf("cell %d keeps no output: go run ./kernel run --inplace", i+1)
		}
	}
	return text
}

// outputs returns the plain-text output of each code cell of a notebook file.
func outputs(t *testing.T, path string) (text []string) {
	t.Helper()
	cells, err := notebook.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		if c.Kind == "code" {
			text = append(text, c.Plain)
		}
	}
	return text
}

// number returns the number that follows a text in the cells' output.
func number(t *testing.T, text []string, after string) float64 {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(after) + `\s*(-?[0-9.]+[0-9])`).FindStringSubmatch(joined(text))
	if m == nil {
		t.Fatalf("no cell printed %q and a number", after)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// refuses runs a notebook of the checkout on data that it cannot use. The run must fail with one
// error, in one line that contains want. Each notebook has one case of this kind; the others are in
// refusals.
func refuses(t *testing.T, name string, env []string, want string, args ...string) {
	t.Helper()
	cmd := exec.Command(kerneltest.Machine(t).Tool("trafficlab"), append([]string{"run",
		kerneltest.Checkout(t, "notebooks", name), "--out", t.TempDir()}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("the run passed")
	}
	oneError(t, string(out), want)
}

func joined(text []string) string { return strings.Join(text, "\n") }

func TestNotebook1(t *testing.T) {
	text := bundled(t, kerneltest.First)
	all := joined(text)
	if _, err := os.Stat(kerneltest.Machine(t).Plugin()); err == nil && !strings.Contains(all, "backend: xla:cpu") {
		t.Errorf("it did not run on XLA")
	}
	if auc, repeat := number(t, text, "ROC AUC: LSTM"), number(t, text, "repeating the last packet"); !(auc > 0.85 &&
		repeat < auc) {
		t.Errorf("AUC %v, of the baseline %v", auc, repeat)
	}
	for _, want := range []string{
		"resumed from step 300, trained to step 600",
		"lhs[1]=3 != rhs[0]=2", // the deliberate mistake, in the program's words
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no cell printed %q", want)
		}
	}
}

// TestNotebook1Go runs a short training on the pure-Go backend, which needs nothing installed.
func TestNotebook1Go(t *testing.T) {
	text := runCells(t, kerneltest.First, []string{"GOMLX_BACKEND=go"}, "-p", "epochs=2")
	if all := joined(text); !strings.Contains(all, "backend: go") {
		t.Error("it did not run on the Go backend")
	}
}

// TestNotebook1Real runs the notebook on real sessions, on which the published model distinguishes
// 14 TrickBot sessions from 136 normal ones with an AUC of 0.996.
func TestNotebook1Real(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "tls_attack_146")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/tls_attack_146 beside the checkout")
	}
	text := runCells(t, kerneltest.First, []string{"GOMLX_BACKEND="}, "-p", "data="+data, "-p", "epochs=15")
	all := joined(text)
	for _, want := range []string{"136 sequences of 146 features: 4958 steps",
		"14 sequences of 146 features: 2789 steps"} {
		if !strings.Contains(all, want) {
			t.Errorf("no cell printed %q", want)
		}
	}
	if auc := number(t, text, "ROC AUC: LSTM"); !(auc > 0.95) {
		t.Errorf("AUC %v, want more than 0.95", auc)
	}
	if normal, attack := number(t, text, "mean cosine: normal"), number(t, text, ", attack"); !(normal > attack) {
		t.Errorf("mean cosine of normal sessions %v, of attacks %v", normal, attack)
	}
}

// TestNotebook1Captures runs the notebook on a folder of captures from elsewhere.
func TestNotebook1Captures(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "zeek_tls_pcaps")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/zeek_tls_pcaps beside the checkout")
	}
	path := withoutPictures(t, kerneltest.First, "Top: 15", "no attack sessions")
	text := outputs(t, execute(t, path, []string{"GOMLX_BACKEND="}, "-p", "data="+data, "-p", "epochs=2"))
	all := joined(text)
	for _, want := range []string{"29 TLS sessions of 1130 packets", "29 sequences of 146 features: 1130 steps",
		"Protocol TLS1.2", "no attack sessions"} {
		if !strings.Contains(all, want) {
			t.Errorf("no cell printed %q", want)
		}
	}
}

// TestNotebook1Damaged runs the notebook on damaged data: the run fails with a one-line error that
// says what and where.
func TestNotebook1Damaged(t *testing.T) {
	packet := func(features int, value string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(value+", ", features), ", ") + "], "
	}
	good := packet(146, "1") + packet(146, "0") + "\n"
	noPlugin := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(noPlugin, []byte("no plugin"), 0o666); err != nil {
		t.Fatal(err)
	}
	refuses(t, kerneltest.First, []string{"GOMLX_BACKEND=xla:" + noPlugin}, "not a PJRT plugin")
	const one = `var (
	data   string = "DIR"
	normal string = "n.csv"
)`
	refusals(t, kerneltest.First, nil, []refusal{
		{"cut off", one, map[string]string{"n.csv": good + "[1.0, 2.0"}, "tlsfeat.Load(", "n.csv:2"},
		{"one too few", one, map[string]string{"n.csv": good + packet(145, "1") + "\n"}, "tlsfeat.Load(", "145 features"},
		{"NaN", one, map[string]string{"n.csv": good + packet(146, "NaN") + "\n"}, "tlsfeat.Load(", `"NaN"`},
		{"empty", one, map[string]string{"n.csv": ""}, "tlsfeat.Load(", "no sessions"},
		{"no parts", one, map[string]string{"n.csv/readme.txt": "nothing here"}, "tlsfeat.Load(", "no parts"},
		{"other width", one, map[string]string{"n.csv": good + good + good,
			"features_minmax_normal_1.csv": "[[0, 0], [1, 1]]"}, "train.Check()", "2 features"},
		{"no TLS", one, map[string]string{"n.csv": "\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + strings.Repeat("\x00", 12) +
			"\x01\x00\x00\x00"}, "tlsfeat.Load(", "no TLS sessions"},
		{"nothing normal", one, map[string]string{"other.csv": good}, "source.Pick(", `"normal"`},
	})
}
