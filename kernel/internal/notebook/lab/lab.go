// Package lab runs JupyterLab on the notebooks of a checkout.
//
// It serves this machine alone unless it is told otherwise, with a token, and ends what it started: Ctrl-C stops the
// server, its kernels and the cells that run in them. It refuses a port that is taken.
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

// Lab is a JupyterLab to be run.
type Lab struct {
	Home     paths.Home
	Dir      string // the folder that it shows
	Notebook string // what it opens first, a name in Dir; "" for none
	Port     int    // 0 takes 8888, or the next that is free
	IP       string // the address that it listens on; "" is the loopback, which this machine alone reaches
	Token    string // what opens it; "" makes one
	Browser  bool   // open it in the user's browser, see Desktop
	Out      io.Writer
	Errs     io.Writer
	Ready    func(url string) // called with the address when it answers; nil prints it
}

// settings keeps Lab from asking for news from the network, and from looking for newer versions of itself. Cells are
// drawn ahead of their being scrolled to, so that a chart is there when the reader is.
const settings = `{
  "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},
  "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"}
}
`

// Run serves until ctx ends, which is no error.
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
	// By the environment, since everybody on the machine can read a command line.
	cmd.Env = append(setup.PythonEnv(os.Environ()), "JUPYTER_PREFER_ENV_PATH=1", "JUPYTER_TOKEN="+token)
	cmd.Stdout, cmd.Stderr = l.Errs, l.Errs
	// In a group of its own the terminal's Ctrl-C does not reach it: it would ask whether that was meant.
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
		err = errors.New("it ended by itself")
	}
	return fmt.Errorf("kernel: JupyterLab: %w", err)
}

// Desktop tells whether a browser would have a screen to open on.
func Desktop() bool {
	return runtime.GOOS == "darwin" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// freePort gives the port that is asked for when nobody listens there, or for 0 the first free one from 8888 on.
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

// announce waits until the server answers, and says where.
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
		fmt.Fprintf(l.Out, "JupyterLab is at\n\n    %s\n\nCtrl-C ends it, with all that runs in it.\n", url)
		fmt.Fprintf(l.Out, "TensorBoard, on what notebooks write for it: %s --logdir %s\n", quoted(l.Home.TensorBoard()), quoted(l.Home.Work()))
		return
	}
}

// quoted gives a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+,@%", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
