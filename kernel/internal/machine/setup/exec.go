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

// output runs a command. The end of the command's output is in the error if it fails. The command's
// environment must be set.
func (s *Setup) output(cmd *exec.Cmd) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	return s.run(cmd, &output)
}

// stdout is output that also returns the command's standard output, even if the command fails.
func (s *Setup) stdout(cmd *exec.Cmd) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := s.run(cmd, &errs)
	return out.Bytes(), err
}

func (s *Setup) run(cmd *exec.Cmd, output *bytes.Buffer) error {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // so that it removes its temporary files
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(cmd.Env, "TMPDIR="+s.Home.Scratch())
	// A pip that outlived a killed setup would write to the environment that the next setup makes.
	err := program.RunChild(cmd, syscall.SIGKILL, nil)
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	if len(lines) > 20 {
		lines = append([]string{"…"}, lines[len(lines)-20:]...)
	}
	name := strings.Join(append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:min(3, len(cmd.Args))]...), " ")
	return fmt.Errorf("kernel: %s: %w\n    %s", name, err, strings.Join(lines, "\n    "))
}

// lock makes a second setup of this user wait until this one is done. The lock ends with the
// process.
func (s *Setup) lock(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(s.Home.Lock(), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	output := false
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, fmt.Errorf("kernel: %s: %w", s.Home.Lock(), err)
		}
		if !output {
			fmt.Fprintln(s.Out, "Another setup is running; waiting for it …")
			output = true
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, errors.New("kernel: interrupted while waiting for another setup")
		case <-time.After(200 * time.Millisecond):
		}
	}
}
