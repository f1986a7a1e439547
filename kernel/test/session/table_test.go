package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
)

// start starts a session.
func start(t testing.TB) *session.Session {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it runs sessions for minutes; go test without it does")
	}
	image, env := testimage.Get(t)
	dir := t.TempDir()
	s, err := session.New(session.Config{Image: image, Go: "go", Module: "../../..", Dir: filepath.Join(dir, "cells"),
		Folder: dir, Env: env, Run: command})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// command runs a tool.
func command(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, bool, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, env
	output, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return output, false, nil
	}
	return output, err == nil, err
}

// An output collects what a session prints.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Text(_ string, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(text)
}

func (o *output) Rich([]byte)                          {}
func (o *output) Input(context.Context) (string, bool) { return "", false }

func (o *output) Goroutine(cell int, text, trace string) {
	fmt.Fprintf(o, "goroutine of cell %d: %s\n%s", cell, text, frames(trace))
}

func (o *output) Write(p []byte) (int, error) {
	o.Text("", p)
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var frame = regexp.MustCompile(`(?m)^\s+(?:\S*/)?(Cell\[\d+\]:\d+)`)

// frames returns the positions in cells that a trace contains.
func frames(trace string) string {
	var b strings.Builder
	for _, m := range frame.FindAllStringSubmatch(trace, -1) {
		b.WriteString("at " + m[1] + "\n")
	}
	return b.String()
}

// run runs a cell and returns its result, in the form of the test files.
func run(t testing.TB, s *session.Session, count int, code string) string {
	t.Helper()
	var out output
	ran, err := s.Run(t.Context(), session.Cell{Count: count, Code: cellsource.Parse(code).Go}, &out)
	var wrong *rewrite.Error
	switch {
	case errors.As(err, &wrong):
		for _, d := range wrong.List {
			fmt.Fprintf(&out, "error Cell[%d]:%d:%d: %s\n", d.Cell, d.Line, d.Column, d.Msg)
		}
	case err != nil:
		fmt.Fprintf(&out, "%v\n", err)
	}
	for _, n := range ran.Notices {
		fmt.Fprintf(&out, "# %s\n", n)
	}
	var forms map[string]json.RawMessage
	if json.Unmarshal(ran.Result, &forms) == nil && forms["text/plain"] != nil {
		var text string
		if err := json.Unmarshal(forms["text/plain"], &text); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&out, "= %s\n", text)
	}
	switch ran.How {
	case process.OK, "":
	case process.Panicked:
		fmt.Fprintf(&out, "%s\n%s", strings.TrimSpace(ran.Text), frames(ran.Trace))
	case process.Exited:
		fmt.Fprintf(&out, "exit %d\n", ran.Code)
	default:
		fmt.Fprintf(&out, "%s %s\n", ran.How, ran.Died)
	}
	return out.String()
}

func TestCells(t *testing.T) {
	list, err := Read("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, sequence := range list {
		t.Run(strings.TrimSuffix(sequence.File, ".cells")+"/"+sequence.Title, func(t *testing.T) {
			s := start(t)
			for i, cell := range sequence.Cells {
				if got := run(t, s, i+1, cell.Code); !cell.Match(got) {
					t.Errorf("%s:%d: cell %d left\n%s\nit has to leave\n%s", sequence.File, cell.Line, i+1, got,
						cell.Want)
				}
			}
		})
	}
}
