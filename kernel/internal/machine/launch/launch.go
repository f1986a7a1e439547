// Package launch turns the process that Jupyter starts into the kernel. It alone decides the
// checkout, the working directory, the environment and the flags with which cells are built and
// run. Lab, headless runs and plain papermill all start kernels through it.
//
// It takes Jupyter's connection file and runs package jupyter/kernel. Before that it starts a small
// watcher, which ends everything that the kernel has started once the kernel or its parent is gone.
package launch

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/kernel"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// Kernel runs the kernel of a connection file until it is asked to shut down, or receives SIGTERM
// or SIGHUP.
func Kernel(connection string) error {
	// From now on signals are queued. One that arrives while the kernel starts is handled after
	// that.
	signals := make(chan os.Signal, 10)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	listen, err := wire.ReadConnection(connection)
	if err != nil {
		return err
	}
	h, err := paths.OwnHome()
	if err != nil {
		return err
	}
	record, err := h.ReadRecord()
	if err != nil {
		return err
	}
	connection, err = filepath.Abs(connection)
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	notebook, err := notebookPath(os.Getenv)
	if err != nil {
		return err
	}
	// Use the folder of the notebook, whoever started the kernel: papermill would use its caller's.
	if err := os.Chdir(filepath.Dir(notebook)); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	checkout, err := paths.Checkout(filepath.Dir(notebook))
	if err != nil { // a user's own notebook, elsewhere
		if checkout, err = paths.Checkout(record.Checkout); err != nil {
			return fmt.Errorf("%w (run: go run ./kernel setup)", err)
		}
	}
	s, err := newInstance(h, notebook)
	if err != nil {
		return err
	}
	defer os.RemoveAll(s.tmp) // the watcher does it too, if there is one
	base := env(os.Environ())
	headless := base.get(EnvHeadless) != ""
	// GoNB would start a gopls that it finds. The kernel has its own.
	if err := hideGopls(&base, filepath.Join(s.tmp, "path")); err != nil {
		return err
	}
	env := env(kernelEnv(base, h, record.GoBin, s))
	goCommand, err := env.lookPath("go")
	if err != nil {
		return fmt.Errorf("kernel: no go command on the PATH (install Go, then run: go run ./kernel setup)")
	}
	if err := startWatcher(h, s, connection, parentPID(env)); err != nil {
		return err
	}
	if err := logTo(s.log); err != nil {
		return err
	}
	goplsPath := h.Gopls()
	if _, err := os.Stat(goplsPath); err != nil || headless {
		goplsPath = ""
	}
	k, err := kernel.New(kernel.Config{
		Connection: listen, Name: filepath.Base(connection), GoNB: h.Tool("gonb"), GoImports: h.Tool("goimports"),
		Shim:  h.Shim(),
		Gopls: goplsPath, Checkout: checkout, Tmp: s.tmp, History: filepath.Join(h.Work(), "history.jsonl"),
		Env: env, Log: os.Stderr, Settings: kernel.SettingsFrom(env.get),
		Session: living(h, env, goCommand, checkout, s.tmp, filepath.Dir(notebook)),
	})
	if err != nil {
		return err
	}
	go func() {
		for s := range signals {
			if s != os.Interrupt {
				k.Stop()
				return
			}
			k.Interrupt() // from a client that does not send interrupt messages
		}
	}()
	k.Wait()
	k.Close()
	return nil
}

// notebookPath returns the absolute path of the kernel's notebook. Without a notebook, as for a
// console, it is the path of a file in the current folder that does not exist.
func notebookPath(getenv func(string) string) (string, error) {
	for _, name := range []string{EnvNotebook, "JPY_SESSION_NAME"} { // the second is set by Jupyter's server
		path := getenv(name)
		if path == "" {
			continue
		}
		// The server may name a session after a console, in a folder that does not exist.
		if info, err := os.Stat(filepath.Dir(path)); err == nil && info.IsDir() {
			return filepath.Abs(path)
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	return filepath.Join(dir, "untitled.ipynb"), nil
}

// parentPID returns the process whose end must end the kernel: the Jupyter server or the headless
// client.
func parentPID(env env) int {
	if pid, err := strconv.Atoi(env.get("JPY_PARENT_PID")); err == nil && pid > 1 {
		return pid
	}
	return os.Getppid()
}

// logTo redirects standard output and error, and so the logs of the kernel and GoNB, to a file.
// They are of no use in a notebook, and would hide a cell's output on the terminal of a headless
// run.
func logTo(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer f.Close()
	for _, fd := range []int{1, 2} {
		if err := dup2(int(f.Fd()), fd); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	return nil
}
