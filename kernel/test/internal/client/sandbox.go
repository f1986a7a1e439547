// Package client tests Jupyter kernels from outside, as their clients use them. The programs in the
// folder python start a kernel with jupyter_client, talk to it on its sockets, and print what they
// find, one line of JSON each.
//
// The programs run in a [Sandbox]: a folder for every file that a kernel leaves, and a mark in the
// environment of every process that is started, so that what is left afterwards can be found and
// ended.
package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
)

// The kernels of a sandbox.
const (
	Ours      = paths.KernelName // as installed by setup
	GoNB      = "gonb"           // GoNB alone, as its own kernelspec starts it, with the checkout in its workspace
	IPyKernel = "ipykernel"
)

// mark is the environment variable that marks the processes of a sandbox; client.py uses it too.
const mark = "TRAFFICLAB_SANDBOX"

// A Sandbox is a place to run kernels in.
type Sandbox struct {
	dir    string // everything is below it
	id     string
	home   paths.Home
	python string
	script string // the folder of the Python programs
}

// New makes a sandbox. If the environment of the Python programs does not exist, it is made first.
func New(ctx context.Context, h paths.Home, checkout string) (*Sandbox, error) {
	setup := setup.Setup{Home: h, Checkout: checkout, Out: os.Stderr}
	python, err := setup.TestPython(ctx)
	if err != nil {
		return nil, err
	}
	// A short name: the path of a socket is limited to some 100 bytes.
	dir, err := os.MkdirTemp("", "k-")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	id := make([]byte, 8)
	rand.Read(id)
	s := &Sandbox{dir: dir, id: hex.EncodeToString(id), home: h, python: python,
		script: filepath.Join(checkout, "kernel", "test", "internal", "client", "python")}
	for _, name := range []string{"tmp", "run", "work", "home"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			s.Close()
			return nil, fmt.Errorf("kernel: %w", err)
		}
	}
	if err := s.writeKernelspecs(checkout); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Sandbox) writeKernelspecs(checkout string) error {
	path := s.home.Bin() + ":" + s.home.EditorBin() + ":" + os.Getenv("PATH")
	specs := map[string]any{
		GoNB: map[string]any{
			"argv":         []string{s.home.Tool("gonb"), "--kernel", "{connection_file}", "-go_work=" + checkout},
			"display_name": "Go (gonb)", "language": "go", "interrupt_mode": "message",
			// Without GOPROXY=off each cell would wait for the network; GoNB is measured at its
			// best.
			"env": map[string]string{"PATH": path, "GOPROXY": "off", "GOFLAGS": ""},
		},
		IPyKernel: map[string]any{
			"argv":         []string{s.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"},
			"display_name": "Python", "language": "python",
		},
	}
	for name, spec := range specs {
		data, err := json.Marshal(spec)
		if err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		dir := filepath.Join(s.dir, "share", "kernels", name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "kernel.json"), data, 0o600); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	return os.Symlink(s.home.Kernelspec(), filepath.Join(s.dir, "share", "kernels", Ours))
}

// Tmp returns the folder for temporary files in the sandbox, and Work the work folder of its
// kernels.
func (s *Sandbox) Tmp() string  { return filepath.Join(s.dir, "tmp") }
func (s *Sandbox) Work() string { return filepath.Join(s.dir, "work") }

// Env returns the environment of the processes in the sandbox.
func (s *Sandbox) Env() []string {
	env := setup.PythonEnv(os.Environ())
	return append(env, mark+"="+s.id, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1",
		"PYDEVD_DISABLE_FILE_VALIDATION=1",
		"TMPDIR="+s.Tmp(), "TRAFFICLAB_WORK="+s.Work(), "TRAFFICLAB_HOME="+string(s.home), "TRAFFICLAB_NOTEBOOK=",
		"JPY_SESSION_NAME=",
		"JUPYTER_PATH="+filepath.Join(s.dir, "share"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(s.dir, "run"), "JUPYTER_DATA_DIR="+filepath.Join(s.dir, "home"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(s.dir, "home"), "IPYTHONDIR="+filepath.Join(s.dir, "home"))
}

// Python returns the interpreter of the programs, and Script the path of a program.
func (s *Sandbox) Python() string            { return s.python }
func (s *Sandbox) Script(name string) string { return filepath.Join(s.script, name) }

// Run runs a program and calls line for each line of its output. When the program ends or ctx is
// done, everything that it started is killed. The error contains the program's standard error.
func (s *Sandbox) Run(ctx context.Context, line func(data []byte) error, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, s.python, append([]string{s.Script(program)}, args...)...)
	cmd.Env = s.Env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var output bytes.Buffer
	cmd.Stderr = &output
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer s.KillAll()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	var bad error
	for lines.Scan() {
		if bad == nil {
			bad = line(lines.Bytes())
		}
	}
	err = cmd.Wait()
	switch {
	case bad != nil:
		return bad
	case ctx.Err() != nil:
		return fmt.Errorf("kernel: %s %s: stopped: %w", program, strings.Join(args, " "), context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("kernel: %s %s: %w\n%s", program, strings.Join(args, " "), err, tail(output.String()))
	}
	return nil
}

// tail returns the last lines of a text.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// Close kills the processes of the sandbox and removes its folder.
func (s *Sandbox) Close() error {
	s.KillAll()
	var err error
	for range 20 { // a watcher may be removing the same folder
		if err = os.RemoveAll(s.dir); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("kernel: %w", err)
}
