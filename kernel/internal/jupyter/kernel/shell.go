package kernel

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
)

// A place is where commands and programs run: a folder and an environment. %cd and %env change it.
type place interface {
	Environment(ctx context.Context) (dir string, env []string, err error)
	Chdir(ctx context.Context, dir string) error
	Setenv(ctx context.Context, name, value string) error
}

// place returns the place of cells: the session's, or the kernel's own where there is no session.
func (c *cell) place() place {
	if c.k.living != nil && c.k.living.Wait(c.ctx) == nil {
		return c.k.living
	}
	return &c.k.own
}

// An ownPlace is the place of cells without a session. It begins in the kernel's folder.
type ownPlace struct {
	mu  sync.Mutex
	dir string // "" for the kernel's
	env []string
}

func (p *ownPlace) Environment(context.Context) (dir string, env []string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir != "" {
		return p.dir, p.env, nil
	}
	dir, err = os.Getwd()
	return dir, p.env, err
}

func (p *ownPlace) Chdir(_ context.Context, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("kernel: %s: not a folder", dir)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dir = dir
	return nil
}

func (p *ownPlace) Setenv(_ context.Context, name, value string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.env = program.Setenv(p.env, name, value)
	return nil
}

// shellLine runs a line of the shell; one that begins with * runs in the folder of GoNB's module. A
// line that fails fails the cell.
func (c *cell) shellLine(line string) *goerror.Error {
	command, inModule := strings.CutPrefix(line, "*")
	if strings.TrimSpace(command) == "" {
		return nil
	}
	run := program.Command{Path: "/bin/bash", Args: []string{"-c", command}}
	if inModule {
		dir, err := c.k.gonb.Dir(c.ctx)
		if err != nil {
			return goerror.New(err.Error())
		}
		run.Dir = dir
	}
	if c.stdin != "" {
		stdin, done, err := c.prompts(c.stdin == "%with_password")
		if err != nil {
			return goerror.New(err.Error())
		}
		defer done()
		run.Stdin, c.stdin = stdin, ""
	}
	return c.command(run, "!"+line)
}

// script runs a cell that is the input of another program.
func (c *cell) script(p cellsource.Parts) *goerror.Error {
	_, env, err := c.place().Environment(c.ctx)
	if err != nil {
		return goerror.New(err.Error())
	}
	path := p.Script[0]
	if !strings.ContainsRune(path, '/') {
		if path, err = program.LookPath(env, path); err != nil {
			return &goerror.Error{Name: "ExitError", Value: err.Error(), Traceback: []string{err.Error()}}
		}
	}
	stdin, input, err := os.Pipe()
	if err != nil {
		return goerror.New(err.Error())
	}
	defer stdin.Close()
	go func() {
		defer input.Close()
		input.WriteString(p.Input) // fails if the program ends before it has read all of it
	}()
	return c.command(program.Command{Path: path, Args: p.Script[1:], Stdin: stdin},
		"%%script "+strings.Join(p.Script, " "))
}

// command runs a command where cells run. What names it if it fails.
func (c *cell) command(run program.Command, what string) *goerror.Error {
	dir, env, err := c.place().Environment(c.ctx)
	if err != nil {
		return goerror.New(err.Error())
	}
	if run.Dir == "" {
		run.Dir = dir
	}
	run.Env, run.Grace, run.Kill = env, c.k.Settings.Grace, c.k.ctx.Done()
	r, err := program.Run(c.ctx, run, &programOutput{c: c})
	c.out.sync()
	switch {
	case err != nil:
		return &goerror.Error{Name: "ExitError", Value: err.Error(), Traceback: []string{err.Error()}}
	case !r.OK():
		return goerror.Exit(r.String(), what)
	}
	return nil
}

// promptDelay is how long a command runs before the user is asked for input, and between two lines:
// a command that ends soon asks for nothing.
const promptDelay = 200 * time.Millisecond

// prompts returns standard input for a command, and asks the user for one line after another until
// done is called.
func (c *cell) prompts(password bool) (stdin *os.File, done func(), err error) {
	stdin, input, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	ended := make(chan struct{})
	var ask func()
	ask = func() {
		select {
		case <-ended:
			return
		case <-time.After(promptDelay):
		}
		c.k.ask(c, " ", password, func(line string) {
			go func() { // a command that does not read is not waited for
				if _, err := input.WriteString(line + "\n"); err == nil {
					ask()
				}
			}()
		})
	}
	go ask()
	return stdin, func() {
		close(ended)
		input.Close()
		stdin.Close()
	}, nil
}
