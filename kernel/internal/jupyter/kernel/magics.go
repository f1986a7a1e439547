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

// special does what a special line of a cell in the living session asks for. What is not the kernel's is GoNB's.
func (c *cell) special(line string, how *timing) *goerror.Error {
	if command, ok := strings.CutPrefix(line, "!"); ok && !strings.HasPrefix(command, "*") {
		return c.line(strings.TrimSpace(command))
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
	case "%who", "%whos":
		return c.who()
	case "%del":
		return c.forget(strings.Fields(strings.ReplaceAll(args, ",", " ")), false)
	case "%rm", "%remove": // GoNB's words for it
		return c.forget(strings.Fields(args), true)
	case "%reset":
		return c.resetSession()
	case "%rerun":
		return c.rerun(args)
	case "%time", "%timeit":
		return how.set(name, args)
	default:
		return c.performGoNB(line)
	}
	return nil
}

// line runs a command of the shell where the session's cells run. One that fails fails the cell.
func (c *cell) line(command string) *goerror.Error {
	if command == "" {
		return nil
	}
	dir, env, err := c.k.living.Environment(c.ctx)
	if err != nil {
		return failed(err.Error())
	}
	r, err := program.Run(c.ctx, program.Command{Path: "/bin/bash", Args: []string{"-c", command}, Dir: dir, Env: env,
		Grace: c.k.Settings.Grace, Kill: c.k.stopped}, &said{c: c})
	c.out.before()
	switch {
	case err != nil:
		return &goerror.Error{Name: "ExitError", Value: err.Error(), Traceback: []string{err.Error()}}
	case !r.OK():
		return goerror.Exit(r.String(), "!"+command)
	}
	return nil
}

// changeFolder moves the session to another folder; without one it says where it is.
func (c *cell) changeFolder(to string) *goerror.Error {
	dir, env, err := c.k.living.Environment(c.ctx)
	if err != nil {
		return failed(err.Error())
	}
	if to != "" {
		if to == "~" || strings.HasPrefix(to, "~/") {
			to = get(env, "HOME") + to[1:]
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		if err := c.k.living.Chdir(c.ctx, to); err != nil {
			return failed(err.Error())
		}
		c.k.settings(c.count, "%cd "+to)
		dir = to
	}
	c.out.add("stdout", []byte(fmt.Sprintf("working directory: %q\n", dir)))
	return nil
}

// setVariable sets a variable of the session's environment: %env NAME VALUE or %env NAME=VALUE. Without a value it says
// what it is, without a name it lists all.
func (c *cell) setVariable(args string) *goerror.Error {
	_, env, err := c.k.living.Environment(c.ctx)
	if err != nil {
		return failed(err.Error())
	}
	end := strings.IndexAny(args, "= \t")
	if end < 0 {
		if args == "" {
			slices.Sort(env)
			c.out.add("stdout", []byte(strings.Join(env, "\n")+"\n"))
		} else {
			c.out.add("stdout", []byte(get(env, args)+"\n"))
		}
		return nil
	}
	name, value := args[:end], strings.TrimSpace(args[end+1:])
	if text, err := strconv.Unquote(value); err == nil {
		value = text
	}
	if err := c.k.living.Setenv(c.ctx, name, value); err != nil {
		return failed(err.Error())
	}
	c.k.settings(c.count, "%env "+name+"="+value)
	c.out.add("stdout", []byte(fmt.Sprintf("Set: %s=%q\n", name, value)))
	return nil
}

// who lists the session's values.
func (c *cell) who() *goerror.Error {
	code := c.k.living.Who()
	if code == "" {
		c.out.add("stdout", []byte("no names\n"))
		return nil
	}
	return c.quietly(code)
}

// quietly runs Go of the kernel's own in the session.
func (c *cell) quietly(code string) *goerror.Error {
	ran, err := c.k.living.Run(c.ctx, session.Cell{Count: c.label(), Code: code, Quiet: true}, c.spoken())
	if failure := c.outcome(ran, err); failure != nil {
		return failure
	}
	if len(ran.Result) > 0 {
		c.result = ran.Result
	}
	return nil
}

// forget takes names out of the session, and empties its variables. It tells of each if it is to, as GoNB does.
func (c *cell) forget(names []string, tell bool) *goerror.Error {
	if len(names) == 0 {
		return failed("%del takes the names that are to go, such as: %del x y")
	}
	c.k.mu.Lock()
	theirs := tell && len(c.k.pending) > 0
	c.k.mu.Unlock()
	if theirs { // names that cells written for GoNB have brought, which the session has not taken in yet
		return c.forgetTheirs(names)
	}
	kinds := map[string]string{}
	for _, n := range c.k.living.Names() {
		kinds[n.Name] = n.Kind
	}
	var variables []string
	for _, n := range names {
		switch kinds[n] {
		case "":
			return failed(fmt.Sprintf("%%del %s: the session has no such name (%%who lists them)", n))
		case "var":
			variables = append(variables, n)
		}
	}
	if len(variables) > 0 {
		if failure := c.quietly(session.Zero(variables)); failure != nil {
			return failure
		}
	}
	for _, n := range names {
		if err := c.k.living.Delete(n); err != nil {
			return failed(err.Error())
		}
		if tell {
			c.out.add("stdout", []byte(fmt.Sprintf(". removed %s %s\n", kinds[n], n)))
		}
	}
	c.k.settings(c.count, "%rm "+strings.Join(names, " "))
	return nil
}

// forgetTheirs has GoNB forget names, and the session too, now or when it takes in what they are of.
func (c *cell) forgetTheirs(names []string) *goerror.Error {
	if failure := c.performGoNB("%rm " + strings.Join(names, " ")); failure != nil {
		return failure
	}
	c.k.mu.Lock()
	c.k.removed = append(c.k.removed, names...)
	c.k.mu.Unlock()
	for _, n := range names {
		_ = c.k.living.Delete(n) // it may not know it
	}
	return nil
}

// resetSession starts the session anew, without values and names; where it is and its environment stay.
func (c *cell) resetSession() *goerror.Error {
	k := c.k
	k.living.Reset()
	k.mu.Lock()
	k.replay, k.pending, k.removed = nil, nil, nil
	e := k.engine
	k.mu.Unlock()
	k.tips.forget()
	if e != nil { // it would know what is gone; the next cell that needs it starts another
		k.retire(e)
		e.Close()
	}
	return nil
}

// settings keeps a special line for a GoNB that is started later.
func (k *Kernel) settings(count int, line string) {
	if source, err := cellsource.Compose(line, cellsource.Options{Fronts: k.fronts.Dir}); err == nil {
		k.keep(numbered{count, source, line})
	}
}
