// Command kernel sets up and runs the notebooks of this checkout. Setup installs it as
// "trafficlab", the program that Jupyter starts as the kernel.
//
//	go run ./kernel VERB
//
// Without a verb it prints its help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/doctor"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/version"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/headless"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/lab"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/params"
)

const help = `trafficlab runs notebooks on network traffic in Go, on a Jupyter kernel of its own.

usage: go run ./kernel VERB

  run [NOTEBOOK…]   run notebooks without a browser; the first time it sets everything up, which takes minutes
  setup [STEP…]     only set up: tools, Python environment with JupyterLab, Jupyter kernel "Go (trafficlab)";
                    setup cuda also installs XLA for NVIDIA GPUs, with CUDA, which takes gigabytes
  lab [--port N]    open the first notebook in JupyterLab, for this machine only; --no-browser only prints the address;
                    --ip ADDRESS serves other machines too; --dir FOLDER shows another folder
  lint [NOTEBOOK…]  check notebooks against the rules that keep them fast and readable
  doctor            check the installation, with a fix for each thing that is missing
  --version         print the version
  launch FILE       run the kernel of a connection file; called by Jupyter

Start with:

  go run ./kernel run notebooks/1-tls-next-packet.ipynb
  go run ./kernel run notebooks/1-tls-next-packet.ipynb -p data=FOLDER    the same with your own traffic
  go run ./kernel run -h                                                  all flags of run

It needs Go, python3 with venv, and for XLA a C compiler. Everything it installs goes to
%s (TRAFFICLAB_HOME chooses another folder); remove that folder to uninstall.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := verb(ctx, os.Args[1:])
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case errors.Is(err, headless.ErrFailed) || errors.Is(err, doctor.ErrMissing) || errors.Is(err, errFindings):
		os.Exit(1) // the reason has been printed
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A usageError reports a wrong command line.
type usageError string

func (e usageError) Error() string { return string(e) }

func verb(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		h, err := paths.UserHome()
		if err != nil {
			return err
		}
		fmt.Printf(help, h)
		return nil
	}
	name, args := args[0], args[1:]
	switch {
	case (name == "--version" || name == "version") && len(args) == 0:
		fmt.Println("trafficlab", version.Version)
		return nil
	case name == "run":
		return run(ctx, args)
	case name == "lab":
		return openLab(ctx, args)
	case name == "lint":
		return lintNotebooks(args)
	case name == "launch" && len(args) == 1:
		return launch.Kernel(args[0])
	case name == "watch": // started by launch
		return launch.Watch(args)
	case name == "params" && len(args) == 0: // called by the papermill plugin
		return params.Verb(os.Stdin, os.Stdout)
	case name == "setup":
		return setUp(ctx, args)
	case name == "doctor" && len(args) == 0:
		h, checkout, err := locate()
		if err != nil {
			return err
		}
		return doctor.Show(ctx, h, checkout, os.Stdout)
	case name == "doctor" || name == "launch":
		return usageError(fmt.Sprintf("kernel: %s %q: wrong arguments (go run ./kernel shows the usage)", name, args))
	}
	return usageError(fmt.Sprintf("kernel: %q: unknown verb: the verbs are run, lab, setup, lint, doctor and launch "+
		"(go run ./kernel explains them)", name))
}

// locate returns the user's folder and the checkout that the command was called in, or else the one
// that setup was last called from.
func locate() (paths.Home, string, error) {
	h, err := paths.UserHome()
	if err != nil {
		return "", "", err
	}
	checkout, err := paths.Checkout(".")
	if err == nil {
		return h, checkout, nil
	}
	record, rerr := h.ReadRecord()
	if rerr != nil {
		return "", "", rerr
	}
	if checkout, rerr = paths.Checkout(record.Checkout); record.Checkout == "" || rerr != nil {
		return "", "", err
	}
	return h, checkout, nil
}

func setUp(ctx context.Context, steps []string) error {
	h, checkout, err := locate()
	if err != nil {
		return err
	}
	start := time.Now()
	s := setup.Setup{Home: h, Checkout: checkout, Out: os.Stdout, Retry: true, Only: steps}
	for _, name := range steps {
		if names := s.Names(); !slices.Contains(names, name) {
			return usageError(fmt.Sprintf("kernel: setup %s: unknown step: the steps are %s", name,
				strings.Join(names, ", ")))
		}
	}
	if err := s.Run(ctx); err != nil {
		return err
	}
	fmt.Printf("Ready, in %s (%.1f s). Next: go run ./kernel run\n", h, time.Since(start).Seconds())
	return nil
}

func run(ctx context.Context, args []string) error {
	job, err := headless.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(headless.Usage)
		return nil
	}
	if err != nil {
		return usageError(fmt.Sprintf("kernel: run: %v (go run ./kernel run -h shows the flags)", err))
	}
	h, checkout, err := locate()
	if err != nil {
		return err
	}
	s := setup.Setup{Home: h, Checkout: checkout, Out: os.Stdout}
	if err := s.Run(ctx); err != nil {
		return err
	}
	return headless.Run(ctx, h, checkout, job, os.Stdout, os.Stderr)
}

func openLab(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	port := flags.Int("port", 0, "")
	ip := flags.String("ip", "", "")
	dir := flags.String("dir", "", "")
	quiet := flags.Bool("no-browser", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *port < 0 || *port > 65535 || *ip != "" &&
		net.ParseIP(*ip) == nil {
		return usageError("kernel: usage: go run ./kernel lab [--port N] [--no-browser] [--ip ADDRESS] [--dir FOLDER]")
	}
	h, checkout, err := locate()
	if err != nil {
		return err
	}
	s := setup.Setup{Home: h, Checkout: checkout, Out: os.Stdout}
	if err := s.Run(ctx); err != nil {
		return err
	}
	l := lab.Lab{Home: h, Dir: filepath.Join(checkout, "notebooks"), Port: *port, IP: *ip,
		Token: os.Getenv("JUPYTER_TOKEN"),
		Out:   os.Stdout, Errs: os.Stderr, Browser: lab.Desktop() && !*quiet}
	if *dir != "" {
		if l.Dir, err = filepath.Abs(*dir); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	if all, _ := filepath.Glob(filepath.Join(l.Dir, "1-*.ipynb")); len(all) > 0 {
		l.Notebook = filepath.Base(all[0])
	}
	return l.Run(ctx)
}
