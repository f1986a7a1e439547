// Package headless runs notebooks without a browser. Papermill runs each one, with our engine; this
// package decides where the results go, enforces time limits and sums up.
//
// It takes notebooks and values for their parameters. It writes executed notebooks with an HTML
// page and JUnit XML for each, prints a line for each cell, and returns an error if a notebook
// failed. It refuses two notebooks with the same name, whose results would overwrite each other.
package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/report"
)

// ErrFailed means that a notebook failed; the reason has been printed.
var ErrFailed = errors.New("kernel: a notebook failed")

// Run runs the notebooks of a job one after another, even after a failure.
func Run(ctx context.Context, h paths.Home, checkout string, job Job, out, errs io.Writer) error {
	notebooks, err := find(job.Notebooks, checkout)
	if err != nil {
		return err
	}
	if err := check(notebooks, job.Values); err != nil {
		return err
	}
	if job.Out == "" {
		if job.Out, err = newRun(h); err != nil {
			return err
		}
	}
	if job.Out, err = filepath.Abs(job.Out); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := os.MkdirAll(job.Out, 0o777); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	var results []report.Notebook
	for _, nb := range notebooks {
		fmt.Fprintf(out, "%s\n", nb)
		start := time.Now()
		status, err := one(ctx, h, checkout, job, nb, out, errs)
		if err != nil {
			return err
		}
		result := report.Notebook{Name: name(nb), Status: status, Took: time.Since(start)}
		if err := write(h, job.Out, nb, &result, errs); err != nil {
			return err
		}
		results = append(results, result)
		if ctx.Err() != nil {
			break
		}
	}
	if len(notebooks) > 1 {
		if err := writeIndex(job.Out, results); err != nil {
			return err
		}
	}
	return sum(results, len(notebooks), job.Out, out)
}

// find returns the absolute paths of the named notebooks, or of all notebooks of the checkout.
func find(names []string, checkout string) ([]string, error) {
	if len(names) == 0 {
		pattern := filepath.Join(checkout, "notebooks", "*.ipynb")
		names, _ = filepath.Glob(pattern)
		if len(names) == 0 {
			return nil, fmt.Errorf("kernel: %s: no notebooks", pattern)
		}
	}
	seen := map[string]string{}
	var out []string
	for _, name := range names {
		path, err := filepath.Abs(name)
		if err != nil {
			return nil, fmt.Errorf("kernel: %w", err)
		}
		if info, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("kernel: %w", err)
		} else if info.IsDir() || filepath.Ext(path) != ".ipynb" {
			return nil, fmt.Errorf("kernel: %s: not a notebook (.ipynb)", name)
		}
		if len(names) > 1 && filepath.Base(path) == "index.ipynb" {
			return nil, fmt.Errorf("kernel: %s: run it separately: index.html is the page that links several "+
				"notebooks", name)
		}
		if other, ok := seen[filepath.Base(path)]; ok {
			return nil, fmt.Errorf("kernel: %s and %s: run notebooks with the same name separately: their results "+
				"would overwrite each other", other, name)
		}
		seen[filepath.Base(path)] = name
		out = append(out, path)
	}
	return out, nil
}

// one runs a notebook and returns the word for how it ended. An error ends the whole run.
func one(ctx context.Context, h paths.Home, checkout string, job Job, notebook string,
	out, errs io.Writer) (string, error) {
	output := filepath.Join(job.Out, filepath.Base(notebook))
	if same(notebook, output) {
		return "", fmt.Errorf("kernel: %s: --out is the notebook's own folder; --inplace refreshes the notebook "+
			"itself", notebook)
	}
	work := strings.TrimSuffix(output, ".ipynb") + ".work"
	if err := removeOld(job.Out, notebook); err != nil {
		return "", err
	}
	question, err := json.Marshal(map[string]any{
		"notebook": notebook, "output": output, "values": job.Values, "inplace": job.InPlace,
		"timeout": seconds(job.Timeout), "cell_timeout": seconds(job.CellTimeout),
		"hide": [][2]string{{work, "work"}, {checkout + "/", ""}, {checkout, "."}, {string(h), "$TRAFFICLAB_HOME"}},
	})
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	// The engine enforces the limit; this is for an engine that hangs.
	limit := context.Background()
	if job.Timeout > 0 {
		var cancel context.CancelFunc
		limit, cancel = context.WithTimeout(limit, job.Timeout+30*time.Second)
		defer cancel()
	}
	cmd := module(h, "trafficlab_papermill", errs)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(question), out
	code, err := python(ctx, limit, cmd)
	switch {
	case ctx.Err() != nil:
		return "interrupted", nil
	case limit.Err() != nil:
		return "FAILED", nil
	case err != nil:
		return "", err
	case code == 0:
		return report.Passed, nil
	case code == 1:
		return "FAILED", nil
	}
	return "not run", nil
}

// module returns a command that runs a Python module of the environment. The variables make Jupyter
// find our kernelspec there.
func module(h paths.Home, name string, errs io.Writer, args ...string) *exec.Cmd {
	cmd := exec.Command(h.Python(), append([]string{"-m", name}, args...)...)
	cmd.Stderr = errs
	cmd.Env = append(setup.PythonEnv(os.Environ()), "JUPYTER_PREFER_ENV_PATH=1", "PYTHONUNBUFFERED=1")
	return cmd
}

// python runs a command and returns its exit status. The command is interrupted when ctx or limit
// ends, and ends with this process in any case.
func python(ctx, limit context.Context, cmd *exec.Cmd) (int, error) {
	ended := make(chan struct{})
	err := program.RunChild(cmd, syscall.SIGINT, func() {
		go func() {
			select {
			case <-ended:
				return
			case <-ctx.Done():
			case <-limit.Done():
			}
			// A terminal's Ctrl-C has reached it already; a signal sent to this process alone has
			// not.
			_ = cmd.Process.Signal(syscall.SIGINT)
			select {
			case <-ended:
			case <-time.After(15 * time.Second):
				_ = cmd.Process.Kill() // the kernel's watcher does the rest
			}
		}()
	})
	close(ended)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("kernel: %w", err)
	}
	return cmd.ProcessState.ExitCode(), nil
}

// seconds returns a limit as papermill takes it, nil for none.
func seconds(d time.Duration) any {
	if d == 0 {
		return nil
	}
	return int(math.Max(1, math.Ceil(d.Seconds())))
}

func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// sum prints the result of the run.
func sum(results []report.Notebook, all int, dir string, out io.Writer) error {
	passed := 0
	for _, r := range results {
		if r.Status == report.Passed {
			passed++
		}
	}
	fmt.Fprintln(out)
	for _, r := range results {
		fmt.Fprintf(out, "%-12s%8.1f s  %s\n", r.Status, r.Took.Seconds(), r.Name+".ipynb")
	}
	fmt.Fprintf(out, "%d of %d notebooks passed; results in %s\n", passed, all, dir)
	if passed < all {
		return ErrFailed
	}
	return nil
}
