// Package launch makes the process that Jupyter starts a kernel. It is the only place that knows the checkout, the
// working directory, the environment and the flags with which cells are built and run; Lab, the headless runner and
// plain papermill all come through it.
//
// It takes Jupyter's connection file and runs package bridge, which has GoNB behind it. Beforehand it leaves a small
// watcher behind, which ends whatever the kernel started when the kernel or its parent is gone.
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

// Kernel is the kernel of the connection file until it is asked to shut down, or is told to end by SIGTERM or SIGHUP.
func Kernel(connection string) error {
	signals := make(chan os.Signal, 10) // from now on: one that comes while the kernel starts is heeded once it has
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
	// The folder of the notebook, whoever started it: papermill would use its caller's.
	if err := os.Chdir(filepath.Dir(notebook)); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	checkout, err := paths.Checkout(filepath.Dir(notebook))
	if err != nil { // a notebook of the user's own, kept elsewhere
		if checkout, err = paths.Checkout(record.Checkout); err != nil {
			return fmt.Errorf("%w (run: go run ./kernel setup)", err)
		}
	}
	s, err := newInstance(h, notebook)
	if err != nil {
		return err
	}
	defer os.RemoveAll(s.tmp) // the watcher does it too, but there may be none yet, or none any more
	base := env(os.Environ())
	headless := base.get(EnvHeadless) != ""
	// GoNB would start a gopls that it finds, and wait for it 12 seconds at the first request. The kernel has its own.
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
		Connection: listen, Name: filepath.Base(connection), GoNB: h.Tool("gonb"), GoImports: h.Tool("goimports"), Shim: h.Shim(),
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
			k.Interrupt() // from somebody who does not send messages for it
		}
	}()
	k.Wait()
	k.Close()
	return nil
}

// notebookPath gives the absolute path of the notebook that the kernel is for. Without one, as for a console, it is
// that of a file that does not exist in the current folder.
func notebookPath(getenv func(string) string) (string, error) {
	for _, name := range []string{EnvNotebook, "JPY_SESSION_NAME"} { // the second is set by Jupyter's server
		path := getenv(name)
		if path == "" {
			continue
		}
		// The server's name of a session may also be that of a console, in a folder that does not exist.
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

// parentPID is the process whose end must end the kernel: the Jupyter server or the headless client.
func parentPID(env env) int {
	if pid, err := strconv.Atoi(env.get("JPY_PARENT_PID")); err == nil && pid > 1 {
		return pid
	}
	return os.Getppid()
}

// logTo sends what the kernel and GoNB say about themselves to a file: it is of no use in a notebook, and on the terminal of a headless
// run it would hide the cell's own words.
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
