package test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/docker/test/internal/box"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// tmpfs makes the root read-only except for one folder in memory, as docker run --read-only --tmpfs
// /tmp:exec.
func tmpfs(c *box.Config) { c.ReadOnly, c.Tmpfs = true, []string{"/tmp"} }

func TestNoNetwork(t *testing.T) {
	i := notebooks(t)
	output := i.run(t, own, 0, time.Minute, nil, "bash", "-c",
		"cat /proc/net/route; python3 -c 'import socket; socket.create_connection((\"1.1.1.1\", 443), 5)' 2>&1 | "+
			"tail -1")
	if lines := strings.Split(strings.TrimSpace(output), "\n"); len(lines) != 2 ||
		!strings.Contains(lines[1], "unreachable") {
		t.Errorf("routes:\n%s", output)
	}
}

func TestDoctor(t *testing.T) {
	i := notebooks(t)
	for name, c := range map[string]struct {
		as     user
		change func(*box.Config)
	}{"image's user": {own, nil}, "arbitrary uid and gid": {alien, nil}, "read-only": {own, tmpfs}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output := i.run(t, c.as, 0, 10*time.Minute, c.change, "doctor")
			if strings.Contains(output, "MISSING") || strings.Contains(output, "BROKEN") ||
				!strings.Contains(output, "\nbackend            ok      xla:cpu") {
				t.Errorf("doctor reports problems:\n%s", output)
			}
		})
	}
}

// light and onXLA are the two kinds of cells: one computes in Go, one compiles a model with XLA.
var (
	imports = "import (\n\t\"fmt\"\n\n\t\"github.com/gomlx/gomlx/core/graph\"\n\n" +
		"\t\"github.com/trafficlab/trafficlab/trafficlib/model/device\"\n" +
		"\t\"github.com/trafficlab/trafficlab/trafficlib/nb\"\n" +
		"\t\"github.com/trafficlab/trafficlab/trafficlib/result/score\"\n)"
	light = "%%\nfmt.Println(\"mean\", score.Mean([]float64{1, 2, 6}))"
	onXLA = "%%\nbackend := nb.Must(device.Open(\"\"))\nfmt.Println(device.Describe(backend), " +
		"nb.Must(graph.ExecOnce(backend, " +
		"func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(x) }, []float32{1, 2, 3})))"
)

func printed(t *testing.T, cells []kerneltest.Executed) {
	t.Helper()
	kerneltest.Wants(t, "what the cells printed", texts(cells), "mean 3\n", "xla:cpu float32(6")
}

// headless runs notebooks in folders of this machine in a container. It returns the output and the
// folder with the results.
func (i *image) headless(t *testing.T, as user, change func(*box.Config), args ...string) (output, out string) {
	t.Helper()
	out = t.TempDir()
	if err := os.Chmod(out, 0o777); err != nil {
		t.Fatal(err)
	}
	output = i.run(t, as, 0, 15*time.Minute, func(c *box.Config) {
		c.Binds = map[string]string{"/out": out}
		if change != nil {
			change(c)
		}
	}, append([]string{"run", "--out", "/out"}, args...)...)
	quiet(t, output)
	return output, out
}

func bind(inside, outside string, then func(*box.Config)) func(*box.Config) {
	return func(c *box.Config) {
		c.Binds[inside] = outside
		if then != nil {
			then(c)
		}
	}
}

// TestWarmCells checks that the first cells in a new container compile no package: everything that
// they import is in the build cache, and the session's host is there. Otherwise the first cell
// would take minutes. It logs how long the first cells took beside the same cells later.
func TestWarmCells(t *testing.T) {
	i := notebooks(t)
	const count = `find "$(go env GOCACHE)" -name '*-d' -size +100k | wc -l` // packages; cells are smaller
	dir := filepath.Dir(writeNotebook(t, "cells.ipynb", "!"+count+" > /tmp/before", imports, light, onXLA,
		light+" // again", onXLA+" // again", "!echo compiled $(( $("+count+") - $(cat /tmp/before) ))"))
	_, out := i.headless(t, own, bind("/in", dir, nil), "/in/cells.ipynb")
	done := kerneltest.Read(t, filepath.Join(out, "cells.ipynb"))
	kerneltest.Wants(t, "what the cells printed", texts(done), "mean 3\n", "xla:cpu float32(6", "compiled 0\n")
	if took := seconds(done); len(took) == 7 {
		t.Logf("light %.2f and %.2f s, XLA %.2f and %.2f s", took[2], took[4], took[3], took[5])
	}
}

func TestFirstNotebook(t *testing.T) {
	i := notebooks(t)
	output, out := i.headless(t, own, nil, "notebooks/"+kerneltest.First)
	kerneltest.Wants(t, "its output", output, "1 of 1 notebooks passed")
	done := kerneltest.Read(t, filepath.Join(out, kerneltest.First))
	kerneltest.Wants(t, "its outputs", texts(done), "backend: xla:cpu", "ROC AUC")
	sum := 0.0
	for _, s := range seconds(done) {
		sum += s
	}
	t.Logf("%d cells, %.0f s in all", len(done), sum)
}

// TestPlaces runs a notebook as different users, in homes and roots with different permissions.
func TestPlaces(t *testing.T) {
	i := notebooks(t)
	in := filepath.Dir(writeNotebook(t, "cells.ipynb", imports, light, onXLA))
	mounted := t.TempDir()
	if err := os.Chown(mounted, own.uid, own.gid); err != nil {
		t.Fatal(err)
	}
	t.Run("places", func(t *testing.T) { // it ends after the last of them
		checkPlaces(t, i, in, mounted)
	})
	// The mounted home has the notebooks now, and the setting that turns Go's telemetry off.
	for _, name := range []string{filepath.Join("notebooks", kerneltest.First), ".config/go/telemetry/mode"} {
		if _, err := os.Stat(filepath.Join(mounted, name)); err != nil {
			t.Error(err)
		}
	}
}

func checkPlaces(t *testing.T, i *image, in, mounted string) {
	t.Helper()
	for name, c := range map[string]struct {
		as     user
		change func(*box.Config)
	}{
		"arbitrary uid":         {other, nil},
		"arbitrary uid and gid": {alien, nil},
		"home mounted over":     {own, func(c *box.Config) { c.Binds["/home/trafficlab"] = mounted }},
		"read-only":             {own, tmpfs},
		"read-only, alien":      {alien, tmpfs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, out := i.headless(t, c.as, bind("/in", in, c.change), "/in/cells.ipynb")
			printed(t, kerneltest.Read(t, filepath.Join(out, "cells.ipynb")))
		})
	}
}

// TestTwoKernels runs two notebooks at once in one container, with shared caches.
func TestTwoKernels(t *testing.T) {
	i := notebooks(t)
	out := t.TempDir()
	if err := os.Chmod(out, 0o777); err != nil {
		t.Fatal(err)
	}
	in := filepath.Dir(writeNotebook(t, "cells.ipynb", imports, light, onXLA, light))
	b := i.start(t, own, func(c *box.Config) { c.Binds = map[string]string{"/in": in, "/out": out} }, "bash", "-c",
		"trafficlab-start run --out /out/a /in/cells.ipynb & trafficlab-start run --out /out/b /in/cells.ipynb & "+
			"wait -n && wait -n")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if status := b.Wait(ctx); status != 0 {
		t.Fatalf("status %d:\n%s", status, b.Log())
	}
	quiet(t, b.Log())
	for _, name := range []string{"a", "b"} {
		printed(t, kerneltest.Read(t, filepath.Join(out, name, "cells.ipynb")))
	}
}

// TestTelemetry checks that Go's telemetry is off, in the image's home and in a mounted one.
func TestTelemetry(t *testing.T) {
	i := notebooks(t)
	for name, change := range map[string]func(*box.Config){"image's home": nil,
		"another": func(c *box.Config) { c.Tmpfs = []string{"/home/trafficlab"} }} {
		if output := i.run(t, own, 0, time.Minute, change, "go", "env", "GOTELEMETRY"); output != "off\n" {
			t.Errorf("%s: telemetry is %q", name, output)
		}
	}
}
