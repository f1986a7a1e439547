// Package lab runs JupyterLab on the notebooks of a checkout.
//
// It serves only this machine unless told otherwise, protected by a token. It ends everything that
// it started: Ctrl-C stops the server, its kernels and their cells. It refuses a port that is in
// use.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
)

// A Lab describes a JupyterLab to run.
type Lab struct {
	Home     paths.Home
	Dir      string // the folder to show
	Notebook string // the notebook to open first, a name in Dir; "" for none
	Port     int    // 0 for 8888 or the next free port
	IP       string // the address to listen on; "" for the loopback, which only this machine can reach
	Token    string // the token that gives access; "" for a new one
	Browser  bool   // open it in the user's browser, see Desktop
	Out      io.Writer
	Errs     io.Writer
	Ready    func(url string) // called with the address once the server answers; nil prints it
}

// settings keep Lab from fetching news and looking for updates. Cells are drawn before they are
// scrolled to, so that charts are there when the reader is.
const settings = `{
  "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},
  "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"}
}
`

// Run serves until ctx is done, which is not an error.
func (l Lab) Run(ctx context.Context) error {
	port, err := freePort(l.Port)
	if err != nil {
		return err
	}
	token := l.Token
	if token == "" {
		secret := make([]byte, 24)
		rand.Read(secret) // it never fails
		token = hex.EncodeToString(secret)
	}
	ip := l.IP
	if ip == "" {
		ip = "127.0.0.1"
	}
	folder := filepath.Join(l.Home.State(), "lab")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := paths.WriteFile(filepath.Join(folder, "overrides.json"), []byte(settings), 0o644); err != nil {
		return err
	}
	url := "/lab"
	if l.Notebook != "" {
		url += "/tree/" + l.Notebook
	}
	cmd := exec.Command(l.Home.Python(), "-m", "jupyterlab", "--log-level=WARN",
		"--ServerApp.ip="+ip, "--ServerApp.port="+strconv.Itoa(port), "--ServerApp.port_retries=0",
		"--ServerApp.root_dir="+l.Dir, "--LabApp.default_url="+url, "--LabApp.app_settings_dir="+folder,
		"--MultiKernelManager.default_kernel_name="+paths.KernelName)
	if os.Getuid() == 0 {
		cmd.Args = append(cmd.Args, "--allow-root") // in a container
	}
	if !l.Browser {
		cmd.Args = append(cmd.Args, "--no-browser")
	}
	cmd.Dir = l.Dir
	// In the environment, since everybody on the machine can read a command line.
	cmd.Env = append(setup.PythonEnv(os.Environ()), "JUPYTER_PREFER_ENV_PATH=1", "JUPYTER_TOKEN="+token)
	cmd.Stdout, cmd.Stderr = l.Errs, l.Errs
	// In a process group of its own it does not receive the terminal's Ctrl-C, which it would ask
	// to confirm.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	ended := make(chan struct{})
	err = program.RunChild(cmd, syscall.SIGTERM, func() {
		go l.announce(ctx, ended, fmt.Sprintf("http://127.0.0.1:%d", port), token)
		go func() {
			select {
			case <-ended:
				return
			case <-ctx.Done():
			}
			_ = cmd.Process.Signal(syscall.SIGTERM) // it shuts its kernels down
			select {
			case <-ended:
			case <-time.After(15 * time.Second):
				_ = cmd.Process.Kill() // the kernels' watchers do the rest
			}
		}()
	})
	close(ended)
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		err = errors.New("ended unexpectedly")
	}
	return fmt.Errorf("kernel: JupyterLab: %w", err)
}

// Desktop reports whether a browser would have a screen to open on.
func Desktop() bool {
	return runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// freePort returns the requested port if it is free, or for 0 the first free port from 8888 on.
func freePort(asked int) (int, error) {
	first, last := asked, asked
	if asked == 0 {
		first, last = 8888, 8988
	}
	for port := first; port <= last; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
		if port == last {
			return 0, fmt.Errorf("kernel: port %d: %w (choose another: --port N)", port, errors.Unwrap(err))
		}
	}
	panic("unreachable")
}

// announce waits until the server answers, and prints its address.
func (l Lab) announce(ctx context.Context, ended chan struct{}, server, token string) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	client := http.Client{Timeout: 2 * time.Second}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			return
		case <-tick.C:
		}
		res, err := client.Get(server + "/api/status?token=" + token)
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			continue
		}
		url := server + "/lab?token=" + token
		if l.Notebook != "" {
			url = server + "/lab/tree/" + l.Notebook + "?token=" + token
		}
		if l.Ready != nil {
			l.Ready(url)
			return
		}
		fmt.Fprintf(l.Out, "JupyterLab is at\n\n    %s\n\nCtrl-C stops it, with everything that runs in it.\n", url)
		fmt.Fprintf(l.Out, "TensorBoard for the runs of notebooks: %s --logdir %s\n", quoted(l.Home.TensorBoard()),
			quoted(l.Home.Work()))
		return
	}
}

// quoted quotes a path for a shell.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+,@%", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
