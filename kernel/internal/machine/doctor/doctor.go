// Package doctor checks everything that a notebook needs on this machine and prints a table of the
// results, with a fix for each failure. It changes nothing.
package doctor

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
)

// ErrMissing means that something is missing without which no notebook runs; the table says what.
var ErrMissing = errors.New("kernel: something is missing")

// state is the result of a check.
type state string

const (
	fine    state = "ok"
	absent  state = "--"      // absent, and not needed
	missing state = "MISSING" // absent, and something is slower or unavailable without it
	broken  state = "BROKEN"  // no notebook runs
)

// A finding is a row of the table.
type finding struct {
	what   string
	state  state
	detail string
	fix    string
}

const (
	fixSetup = "go run ./kernel setup"
	patience = time.Minute // for one child process
)

// Show writes the table to out. It returns [ErrMissing] if some row is broken.
func Show(ctx context.Context, h paths.Home, checkout string, out io.Writer) error {
	record, err := h.ReadRecord()
	if err != nil {
		return err
	}
	bad := false
	for _, look := range []func() []finding{
		func() []finding { return goAndCC(ctx, checkout) },
		func() []finding { return python(ctx, h, record) },
		func() []finding { return installed(ctx, h, checkout) },
		func() []finding { return tools(h) },
		func() []finding { return []finding{kernelspec(h), sessions(h, checkout, record)} },
		func() []finding { return backends(ctx, h, record) },
		func() []finding {
			return append(disk(h), space("disk (temporary)", os.TempDir(), building))
		},
	} {
		for _, f := range look() {
			fmt.Fprintf(out, "%-18s %-7s %s\n", f.what, f.state, f.detail)
			if f.fix != "" {
				fmt.Fprintf(out, "%-18s %-7s fix: %s\n", "", "", f.fix)
			}
			bad = bad || f.state == broken
		}
	}
	if bad {
		return ErrMissing
	}
	return nil
}

func goAndCC(ctx context.Context, checkout string) []finding {
	g, err := setup.FindGo(ctx, checkout)
	if err != nil {
		why, fix, _ := strings.Cut(strings.TrimPrefix(err.Error(), "kernel: "), ": ")
		return []finding{{"Go", broken, why, fix}}
	}
	rows := []finding{{"Go", fine, fmt.Sprintf("%s in %s (go.mod asks for %s)", g.Version, g.Bin, g.Want), ""}}
	if g.CC == "" {
		return append(rows, finding{"C compiler", missing, "none, so models compute on the pure-Go backend",
			setup.InstallCC})
	}
	return append(rows, finding{"C compiler", fine, g.CC, ""})
}

// versions fails if something that a run imports is broken.
const versions = `
import papermill, trafficlab_papermill.engine, jupyterlab, nbconvert
print("JupyterLab", jupyterlab.__version__, "· papermill", papermill.__version__, "· nbconvert", nbconvert.__version__)`

func python(ctx context.Context, h paths.Home, record paths.Record) []finding {
	var rows []finding
	path, version, err := setup.FindPython(ctx)
	if err != nil {
		rows = append(rows, finding{"Python", broken, strings.TrimPrefix(err.Error(), "kernel: "), ""})
	} else {
		rows = append(rows, finding{"Python", fine, version + ", " + path, ""})
	}
	if record.Steps["python"] == "" {
		return append(rows, finding{"environment", broken, h.Venv() + ": incomplete", fixSetup})
	}
	output, err := child(ctx, setup.PythonEnv(os.Environ()), h.Python(), "-c", versions)
	if err != nil {
		fix := "rm -r " + h.Venv() + " && " + fixSetup
		return append(rows, finding{"environment", broken, h.Venv() + ": " + lastLine(output, err), fix})
	}
	return append(rows, finding{"environment", fine, strings.TrimSpace(output), ""})
}

func installed(ctx context.Context, h paths.Home, checkout string) []finding {
	s := setup.Setup{Home: h, Checkout: checkout}
	todo, err := s.Missing(ctx)
	switch {
	case err != nil:
		return nil // the row of Go reports it
	case len(todo) > 0:
		return []finding{{"setup", broken, "not done: " + strings.Join(todo, "; "), fixSetup}}
	}
	return []finding{{"setup", fine, "as in " + checkout, ""}}
}

func tools(h paths.Home) []finding {
	var rows []finding
	for _, t := range []struct {
		name, path string
		without    state
	}{
		{"gonb", h.Tool("gonb"), broken},
		{"goimports", h.Tool("goimports"), broken},
		{"gopls", h.Gopls(), missing},
	} {
		if _, err := os.Stat(t.path); err != nil {
			rows = append(rows, finding{t.name, t.without, "not installed", fixSetup})
			continue
		}
		// GoNB's own version string is out of date, so read the build information.
		info, err := buildinfo.ReadFile(t.path)
		if err != nil {
			rows = append(rows, finding{t.name, t.without, err.Error(), "rm " + t.path + " && " + fixSetup})
			continue
		}
		rows = append(rows, finding{t.name, fine, info.Main.Path + " " + info.Main.Version, ""})
	}
	return rows
}

func kernelspec(h paths.Home) finding {
	file := filepath.Join(h.Kernelspec(), "kernel.json")
	data, err := os.ReadFile(file)
	switch {
	case err != nil:
		return finding{"kernelspec", broken, file + ": missing", fixSetup}
	case !strings.Contains(string(data), h.Program()):
		return finding{"kernelspec", broken, file + ": belongs to another setup", "rm " + file + " && " + fixSetup}
	}
	if _, err := os.Stat(h.Program()); err != nil {
		return finding{"kernelspec", broken, h.Program() + ": missing", fixSetup}
	}
	return finding{"kernelspec", fine, h.Kernelspec(), ""}
}

// child runs a program and returns its output, standard output and error combined.
func child(ctx context.Context, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = env
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = fmt.Errorf("no answer in %s", patience)
	}
	return string(output), err
}

// lastLine returns the last line of a failed program's output, where Python and Go put the reason,
// or else its error.
func lastLine(s string, err error) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return err.Error()
}
