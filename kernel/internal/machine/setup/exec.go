package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
)

// output runs a command, which is silent unless it fails: then the end of what it said is in the error. The command's
// environment must be set.
func (s *Setup) output(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	return s.run(cmd, &said)
}

// both is output that returns what the command writes to its standard output, also when it fails.
func (s *Setup) both(cmd *exec.Cmd) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := s.run(cmd, &errs)
	return out.Bytes(), err
}

func (s *Setup) run(cmd *exec.Cmd, said *bytes.Buffer) error {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // so that it removes its temporary files
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(cmd.Env, "TMPDIR="+s.Home.Scratch())
	// A pip that outlived a killed setup would write into the environment that the next one makes.
	err := program.RunChild(cmd, syscall.SIGKILL, nil)
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if len(lines) > 20 {
		lines = append([]string{"…"}, lines[len(lines)-20:]...)
	}
	name := strings.Join(append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:min(3, len(cmd.Args))]...), " ")
	return fmt.Errorf("kernel: %s: %w\n    %s", name, err, strings.Join(lines, "\n    "))
}

// lock keeps a second setup of this user waiting until this one is done. The lock ends with the process.
func (s *Setup) lock(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(s.Home.Lock(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	said := false
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, fmt.Errorf("kernel: %s: %w", s.Home.Lock(), err)
		}
		if !said {
			fmt.Fprintln(s.Out, "Another setup is at work; waiting for it …")
			said = true
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, errors.New("kernel: interrupted while another setup was at work")
		case <-time.After(200 * time.Millisecond):
		}
	}
}
