package headless

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// A Job is what the command line requests.
type Job struct {
	Notebooks   []string
	Values      map[string]string // parameters, as typed
	Out         string            // the folder of the results; "" for a new one in the user's folder
	Timeout     time.Duration     // for a notebook; 0 for no limit
	CellTimeout time.Duration     // for a cell; 0 for no limit
	InPlace     bool              // replace the outputs in the notebook itself
}

// Usage is the help text of the verb.
const Usage = `usage: go run ./kernel run [NOTEBOOK…] [-p name=value]… [flags]

Runs notebooks without a browser, by default all of notebooks/. Flags and notebooks may be mixed.

  -p name=value        set a parameter that the notebook's parameters cell declares; may be repeated
  --out DIR            the folder of the results; the default is a new folder in the user's cache:
                         NAME.ipynb   the executed notebook
                         NAME.html    the same as one page with its pictures, for any browser, offline
                         NAME.xml     JUnit: a case for each code cell, with its seconds and failure
                         NAME.work/   the files of its cells
                         index.html   for several notebooks: the result, minutes and first chart of each
  --timeout D          stop a notebook that runs longer, such as 20m
  --cell-timeout D     stop a notebook of which one cell runs longer
  --inplace            after a run without failure, write the outputs into the notebook itself

The results are written even if a cell fails. A notebook keeps of each cell 1,000 lines and 100,000 characters of
standard output and of standard error each, half from the beginning and half from the end, and 200 displays with
20,000,000 characters. A line says how much was cut.

An undeclared parameter, or a value of the wrong type, is an error before anything runs.
The exit status is 0 if all notebooks passed.
`

// values collects the -p flags.
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

// Parse parses the arguments of the verb. Flags and notebooks may be mixed; everything after "--"
// is a notebook.
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
		return job, errors.New("--inplace keeps the outputs of the notebook's own parameters: leave out -p")
	}
	return job, nil
}
