package kernel

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// special does what a special line asks for, in any cell. The line is one that
// [cellsource.ForKernel] accepts.
func (c *cell) special(line string) *goerror.Error {
	if command, ok := strings.CutPrefix(line, "!"); ok {
		return c.shellLine(strings.TrimSpace(command))
	}
	name, args, _ := strings.Cut(line, " ")
	args = strings.TrimSpace(args)
	switch name {
	case "%cd":
		return c.changeFolder(args)
	case "%env":
		return c.setVariable(args)
	case "%clear":
		c.clear(false)
	case "%with_inputs", "%with_password":
		c.stdin = name
	}
	return nil
}

// sessionSpecial does what a special line of a cell in the living session asks for. Lines that are
// not the kernel's are GoNB's.
func (c *cell) sessionSpecial(line string, t *timing) *goerror.Error {
	if cellsource.ForKernel(line) {
		return c.special(line)
	}
	name, args, _ := strings.Cut(line, " ")
	args = strings.TrimSpace(args)
	switch name {
	case "%who", "%whos":
		return c.who()
	case "%del":
		return c.forget(strings.Fields(strings.ReplaceAll(args, ",", " ")), false)
	case "%rm", "%remove": // GoNB's names for it
		return c.forget(strings.Fields(args), true)
	case "%reset":
		c.reset()
	case "%rerun":
		return c.rerun(args)
	case "%time", "%timeit":
		return t.set(name, args)
	default:
		return c.runWithGoNB(line)
	}
	return nil
}

// changeFolder changes the working folder of cells; without a folder it prints where it is.
func (c *cell) changeFolder(to string) *goerror.Error {
	place := c.place()
	dir, env, err := place.Environment(c.ctx)
	if err != nil {
		return goerror.New(err.Error())
	}
	if text, err := strconv.Unquote(to); err == nil {
		to = text
	}
	if to != "" {
		if to == "~" || strings.HasPrefix(to, "~/") {
			to = program.Getenv(env, "HOME") + to[1:]
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		if err := place.Chdir(c.ctx, to); err != nil {
			return goerror.New(err.Error())
		}
		c.k.gonb.Set("%cd " + quoted(to))
		dir = to
	}
	c.out.add("stdout", fmt.Appendf(nil, "working directory: %q\n", dir))
	return nil
}

// setVariable sets an environment variable of cells: %env NAME VALUE or %env NAME=VALUE. Without a
// value it prints the variable, without a name all of them.
func (c *cell) setVariable(args string) *goerror.Error {
	place := c.place()
	_, env, err := place.Environment(c.ctx)
	if err != nil {
		return goerror.New(err.Error())
	}
	end := strings.IndexAny(args, "= \t")
	if end < 0 {
		if args == "" {
			env = slices.Sorted(slices.Values(env))
			c.out.add("stdout", []byte(strings.Join(env, "\n")+"\n"))
		} else {
			c.out.add("stdout", []byte(program.Getenv(env, args)+"\n"))
		}
		return nil
	}
	name, value := args[:end], strings.TrimSpace(args[end+1:])
	if text, err := strconv.Unquote(value); err == nil {
		value = text
	}
	if err := place.Setenv(c.ctx, name, value); err != nil {
		return goerror.New(err.Error())
	}
	c.k.gonb.Set("%env " + name + " " + quoted(value))
	c.out.add("stdout", fmt.Appendf(nil, "Set: %s=%q\n", name, value))
	return nil
}

// quoted quotes a word of a special line for GoNB.
func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(word) + `"`
}

// clear removes what the cell has shown: at once, or when there is something new to show instead.
func (c *cell) clear(wait bool) {
	c.out.sync()
	c.publish("clear_output", map[string]any{"wait": wait})
}

// who lists the session's values.
func (c *cell) who() *goerror.Error {
	code := c.k.living.Who()
	if code == "" {
		c.out.add("stdout", []byte("no names\n"))
		return nil
	}
	return c.runQuietly(code)
}

// runQuietly runs Go of the kernel's own in the session.
func (c *cell) runQuietly(code string) *goerror.Error {
	ran, err := c.k.living.Run(c.ctx, session.Cell{Count: c.label(), Code: code, Quiet: true}, sessionOutput{c})
	if failure := c.outcome(ran, err); failure != nil {
		return failure
	}
	if len(ran.Result) > 0 {
		c.result = ran.Result
	}
	return nil
}

// forget removes names from the session and clears its variables. With report it prints each name,
// as GoNB does.
func (c *cell) forget(names []string, report bool) *goerror.Error {
	if len(names) == 0 {
		return goerror.New("%del takes the names to delete, such as: %del x y")
	}
	c.k.mu.Lock()
	pending := report && len(c.k.pending) > 0
	c.k.mu.Unlock()
	if pending { // the session may not know the names yet
		return c.forgetInGoNB(names)
	}
	kinds := map[string]string{}
	for _, n := range c.k.living.Names() {
		kinds[n.Name] = n.Kind
	}
	var variables []string
	for _, n := range names {
		switch kinds[n] {
		case "":
			return goerror.New(fmt.Sprintf("%%del %s: the session has no such name (%%who lists them)", n))
		case "var":
			variables = append(variables, n)
		}
	}
	if len(variables) > 0 {
		if failure := c.runQuietly(session.Zero(variables)); failure != nil {
			return failure
		}
	}
	for _, n := range names {
		if err := c.k.living.Delete(n); err != nil {
			return goerror.New(err.Error())
		}
		if report {
			c.out.add("stdout", fmt.Appendf(nil, ". removed %s %s\n", kinds[n], n))
		}
	}
	c.k.gonb.Set("%rm " + strings.Join(names, " "))
	return nil
}

// forgetInGoNB has GoNB forget names, and the session too: now, or when it adopts their cells.
func (c *cell) forgetInGoNB(names []string) *goerror.Error {
	if failure := c.runWithGoNB("%rm " + strings.Join(names, " ")); failure != nil {
		return failure
	}
	c.k.mu.Lock()
	c.k.removed = append(c.k.removed, names...)
	c.k.mu.Unlock()
	for _, n := range names {
		_ = c.k.living.Delete(n) // it may not know the name
	}
	return nil
}

// reset starts the session anew, without values and names. Its folder and environment stay.
func (c *cell) reset() {
	k := c.k
	k.living.Reset()
	k.mu.Lock()
	k.pending, k.removed = nil, nil
	k.mu.Unlock()
	k.completer.forget()
	k.gonb.Reset()
}
