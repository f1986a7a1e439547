package headless

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// Job is what the command line asks for.
type Job struct {
	Notebooks   []string
	Values      map[string]string // parameters, as typed
	Out         string            // folder of the results; "" for a new one of the user's
	Timeout     time.Duration     // for a notebook, 0 for none
	CellTimeout time.Duration     // for a cell, 0 for none
	InPlace     bool              // refresh the outputs that the notebooks keep
}

// Usage is the help of the verb.
const Usage = `usage: go run ./kernel run [NOTEBOOK…] [-p name=value]… [flags]

Runs notebooks without a browser, all of notebooks/ when none is named. Flags may stand anywhere.

  -p name=value        set a parameter that the notebook's parameters cell declares; may be repeated
  --out DIR            where the results go; without it a new folder of the user's cache, named at the end:
                         NAME.ipynb   the executed notebook
                         NAME.html    the same as one page with its pictures, for any browser, without a network
                         NAME.xml     JUnit: a case for each code cell, with its seconds and its failure's words
                         NAME.work/   the files of its cells
                         index.html   of several notebooks: how each ended, minutes, first chart
  --timeout D          end a notebook that runs longer, such as 20m
  --cell-timeout D     end a notebook of which one cell runs longer
  --inplace            after a run without failure, put the outputs into the notebook itself

They are written also when a cell fails. Of what a cell prints the notebook keeps 1,000 lines and 100,000 characters, of
standard output and of standard error each, half from the beginning and half from the end; of what it shows 200 displays
and 20,000,000 characters. Where something was cut a line says how much.

A parameter that a notebook does not declare, or a value that does not fit, stops everything before it starts.
The exit status is 0 when all notebooks passed.
`

// values collects -p flags.
type values map[string]string

func (v values) String() string { return "" }

func (v values) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return errors.New("want name=value")
	}
	if _, twice := v[name]; twice {
		return fmt.Errorf("%s is set twice", name)
	}
	v[name] = value
	return nil
}

// Parse reads the arguments of the verb. Flags and notebooks may be mixed; what follows "--" is a notebook.
func Parse(args []string) (Job, error) {
	job := Job{Values: map[string]string{}}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(values(job.Values), "p", "")
	flags.StringVar(&job.Out, "out", "", "")
	flags.DurationVar(&job.Timeout, "timeout", 0, "")
	flags.DurationVar(&job.CellTimeout, "cell-timeout", 0, "")
	flags.BoolVar(&job.InPlace, "inplace", false, "")
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return job, err
		}
		rest := flags.Args()
		if ended := len(args) - len(rest); ended > 0 && args[ended-1] == "--" {
			job.Notebooks = append(job.Notebooks, rest...)
			break
		}
		if len(rest) == 0 {
			break
		}
		job.Notebooks = append(job.Notebooks, rest[0])
		args = rest[1:]
	}
	switch {
	case job.Timeout < 0 || job.CellTimeout < 0:
		return job, errors.New("a time limit cannot be negative")
	case job.InPlace && len(job.Values) > 0:
		return job, errors.New("--inplace keeps what a notebook gives as it stands: leave out -p")
	}
	return job, nil
}
