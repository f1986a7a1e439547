// Command gotests runs Go's own single-file test programs as cells of a session, and lists those
// that fail, with the reason.
//
//	go run ./kernel/test/session/gotests [-n 100] [-v] [words of names]
//
// If necessary it makes the image of the session first. The exit status is 1 if more than 2 in 100
// fail of those that can be cells (see expected.go).
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
	"github.com/trafficlab/trafficlab/kernel/internal/session/trial"
)

func main() {
	n := flag.Int("n", 0, "run a sample of `n`; 0 for all")
	verbose := flag.Bool("v", false, "list tests that pass")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *n, *verbose, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n int, verbose bool, words []string) error {
	image, env, err := testimage.Make(ctx)
	if err != nil {
		return err
	}
	root, err := testimage.Root()
	if err != nil {
		return err
	}
	all, err := trial.GoTests(root)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("gotests: %s has no tests: install Go from go.dev/dl, whose archive has them", root)
	}
	var programs []trial.Program
	for _, p := range all {
		if len(words) == 0 || matches(p.Name, words) {
			programs = append(programs, p)
		}
	}
	if n > 0 {
		programs = trial.Sample(programs, n)
	}
	dir, err := os.MkdirTemp("", "gotests-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := runner(ctx, image, env, root, dir)
	if err != nil {
		return err
	}
	passed, excused, failed := 0, 0, 0
	err = r.All(ctx, programs, func(t trial.Result) {
		reason := expected[t.Program.Name]
		switch {
		case t.Why == "":
			passed++
			if verbose {
				fmt.Println("pass   ", t.Program.Name)
			}
		case reason != "":
			excused++
			fmt.Printf("cannot  %s: %s (%s)\n", t.Program.Name, reason, t.Why)
		default:
			failed++
			fmt.Printf("FAIL    %s: %s\n", t.Program.Name, t.Why)
		}
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d programs: %d passed, %d cannot be cells, %d failed: %.1f %% of those that can\n", len(programs),
		passed, excused, failed,
		100*float64(passed)/float64(max(passed+failed, 1)))
	if failed*50 > passed+failed {
		return fmt.Errorf("gotests: more than 2 in 100 failed")
	}
	return nil
}

// runner returns a runner with the folder and the environment that the tests expect.
func runner(ctx context.Context, image *host.Image, env []string, root, dir string) (*trial.Runner, error) {
	// Some of them call the compiler.
	list, err := toolchain.Exec(ctx, "go", []string{"list", "-export", "-f",
		"{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "std"}, dir, env)
	if err != nil {
		return nil, fmt.Errorf("gotests: %w", err)
	}
	config := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(config, list, 0o600); err != nil {
		return nil, err
	}
	env = append(slices.Clone(env), "STDLIB_IMPORTCFG="+config, "GOROOT="+root)
	return &trial.Runner{Image: image, Env: env, Dir: dir, Work: filepath.Join(root, "test"), Timeout: 2 * time.Minute,
		Each: 25}, nil
}

func matches(name string, words []string) bool {
	for _, w := range words {
		if strings.Contains(name, w) {
			return true
		}
	}
	return false
}
