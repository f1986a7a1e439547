package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// bare writes a notebook as people do who do not know GoNB: plain statements, and an expression as
// the last line.
func bare(t *testing.T, last ...map[string]any) string {
	t.Helper()
	return kerneltest.Write(t, "bare.ipynb", append([]map[string]any{
		kerneltest.Text("# Bare"),
		kerneltest.Code("import \"strings\"\n\nfunc shout(s string) string {\n\treturn strings.ToUpper(s)\n}"),
		kerneltest.Code("words := []string{\"flow\", \"packet\"}\nfmt.Println(shout(strings.Join(words, \" \")))"),
		kerneltest.Code("6 * 7"),
	}, last...)...)
}

const shouted = "FLOW PACKET\n"

func tool(h paths.Home, name string) string { return filepath.Join(h.Venv(), "bin", name) }

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// ran checks an executed notebook.
func ran(t *testing.T, path string) {
	t.Helper()
	if got := kerneltest.Outputs(t, path); got[1] != shouted {
		t.Errorf("the cell printed %q, want %q", got[1], shouted)
	}
	kerneltest.Wants(t, "the executed notebook", read(t, path), `"execute_result"`, `"42"`, `"pygments_lexer": "go"`)
}

// errored checks a client's output for a cell that failed, and that no later cell ran.
func errored(t *testing.T, output string, status int, path string) {
	t.Helper()
	if status == 0 {
		t.Errorf("status 0:\n%s", output)
	}
	kerneltest.Wants(t, "its output", output, "undefined: missing", "Line 3")
	if path != "" && strings.Contains(read(t, path), "too far") && strings.Contains(kerneltest.Outputs(t, path)[4],
		"too far") {
		t.Error("a cell after the error ran")
	}
}

func failing() []map[string]any {
	return []map[string]any{kerneltest.Code("x := 1\n_ = x\nfmt.Println(missing)"),
		kerneltest.Code("fmt.Println(\"too far\")")}
}

func TestNBClient(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := bare(t)
	if output, status := kerneltest.Command(t, t.TempDir(), nil, tool(h, "jupyter-execute"), nb,
		"--inplace"); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	ran(t, nb)
	broken := bare(t, failing()...)
	output, status := kerneltest.Command(t, t.TempDir(), nil, tool(h, "jupyter-execute"), broken, "--inplace")
	errored(t, output, status, broken)
}

func TestPapermill(t *testing.T) {
	h := kerneltest.Machine(t)
	out := filepath.Join(t.TempDir(), "out.ipynb")
	nb := bare(t, kerneltest.Code("var (\n\tlr float64 = 0.5\n)", "parameters"),
		kerneltest.Code("fmt.Println(\"lr\", lr)"))
	if output, status := kerneltest.Command(t, t.TempDir(), nil, tool(h, "papermill"), nb, out, "-p", "lr",
		"2"); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	ran(t, out)
	if got := kerneltest.Outputs(t, out); got[len(got)-1] != "lr 2\n" {
		t.Errorf("with a parameter it printed %q", got[len(got)-1])
	}
	output, status := kerneltest.Command(t, t.TempDir(), nil, tool(h, "papermill"), bare(t, failing()...), out)
	errored(t, output, status, out)
}

func TestNBConvert(t *testing.T) {
	h := kerneltest.Machine(t)
	out := t.TempDir()
	convert := func(nb, to string) (string, int) {
		return kerneltest.Command(t, t.TempDir(), nil, tool(h, "jupyter-nbconvert"), "--execute", "--to", to,
			"--output-dir", out, nb)
	}
	if output, status := convert(bare(t), "notebook"); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	ran(t, filepath.Join(out, "bare.ipynb"))
	if output, status := convert(bare(t), "html"); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	html := read(t, filepath.Join(out, "bare.html"))
	kerneltest.Wants(t, "the page", html, "hl-go", strings.TrimSpace(shouted))
	// The exporter that the kernel names writes the cells as Go.
	output, status := kerneltest.Command(t, t.TempDir(), nil, tool(h, "jupyter-nbconvert"), "--to", "script",
		"--output-dir", out, filepath.Join(out, "bare.ipynb"))
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	if _, err := os.Stat(filepath.Join(out, "bare.go")); err != nil {
		t.Error(err)
	}
	output, status = convert(bare(t, failing()...), "notebook")
	errored(t, output, status, "")
}
