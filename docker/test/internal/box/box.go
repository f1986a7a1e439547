//go:build linux

// Package box runs the files of an image as a container, using only the kernel of the machine:
// namespaces for processes, mounts and the network, and an overlay that keeps writes out of the
// image. It needs root.
//
// A box has no network but its own loopback, so whatever works in it works offline. The program
// that uses the package starts itself again as the first process of a box; its main or TestMain
// must call [Init] for that.
package box

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Config says how to start a box.
type Config struct {
	Root     string            // the root of the image, which is not changed
	Args     []string          // the command of the first process
	Env      []string          // its whole environment
	Dir      string            // its working directory
	UID, GID int               // its user, without other groups
	ReadOnly bool              // make the root read-only
	Tmpfs    []string          // empty folders in memory, writable and executable for all
	Binds    map[string]string // folders in the box → folders of this machine
}

// A Box is a running container.
type Box struct {
	cfg   Config
	cmd   *exec.Cmd
	dir   string
	log   lockedBuffer
	ended chan struct{}
}

const initName = "box-init"

// Init turns this process into the first process of a box if it was started for that. In that case
// it does not return.
func Init() {
	if os.Args[0] != initName {
		return
	}
	err := enter()
	fmt.Fprintln(os.Stderr, "box:", err)
	os.Exit(125)
}

// Start starts a box. [Box.Close] removes its files.
func Start(cfg Config) (*Box, error) {
	dir, err := os.MkdirTemp("", "box-")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	b := &Box{cfg: cfg, dir: dir, ended: make(chan struct{})}
	b.cmd = exec.Command("/proc/self/exe")
	b.cmd.Args = []string{initName}
	b.cmd.Env = []string{"BOX=" + string(data), "BOX_DIR=" + dir}
	b.cmd.Stdout, b.cmd.Stderr = &b.log, &b.log
	b.cmd.WaitDelay = 5 * time.Second
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL,
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the box ends with the thread that started it, so keep the thread
		defer runtime.UnlockOSThread()
		err := b.cmd.Start()
		started <- err
		if err == nil {
			b.cmd.Wait() // the result is in its ProcessState
			close(b.ended)
		}
	}()
	if err := <-started; err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("box: %w", err)
	}
	return b, nil
}

// PID returns the process ID of the first process, on this machine.
func (b *Box) PID() int { return b.cmd.Process.Pid }

// Log returns the output of the first process and its children so far.
func (b *Box) Log() string { return b.log.String() }

// Ended returns a channel that is closed when the first process has ended.
func (b *Box) Ended() <-chan struct{} { return b.ended }

// Wait waits for the end of the first process and returns its exit status. It returns -1 if the
// process was killed, or if ctx is done first.
func (b *Box) Wait(ctx context.Context) int {
	select {
	case <-b.ended:
		return b.cmd.ProcessState.ExitCode()
	case <-ctx.Done():
		return -1
	}
}

// Signal sends a signal to the first process.
func (b *Box) Signal(s syscall.Signal) error { return b.cmd.Process.Signal(s) }

// Exec runs another command in the box, as its user, with its environment and in the folder of its
// first process. It returns the output and the exit status.
func (b *Box) Exec(ctx context.Context, args ...string) (string, int) {
	enter := []string{"--target", strconv.Itoa(b.PID()), "--mount", "--pid", "--net", "--ipc", "--uts", "--root",
		"--wd",
		"--setuid", strconv.Itoa(b.cfg.UID), "--setgid", strconv.Itoa(b.cfg.GID), "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, args...)...)
	cmd.Env = b.cfg.Env
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return err.Error(), -1
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// Close ends the box and all its processes, and removes its files.
func (b *Box) Close() error {
	b.cmd.Process.Kill()
	<-b.ended
	return os.RemoveAll(b.dir)
}

// enter turns this process, which is in new namespaces, into the first process of the box.
func enter() error {
	var cfg Config
	if err := json.Unmarshal([]byte(os.Getenv("BOX")), &cfg); err != nil {
		return err
	}
	dir := os.Getenv("BOX_DIR")
	root := filepath.Join(dir, "root")
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	layers := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", cfg.Root, filepath.Join(dir, "upper"),
		filepath.Join(dir, "work"))
	if err := unix.Mount("overlay", root, "overlay", 0, layers); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	if err := populate(cfg, root); err != nil {
		return err
	}
	if cfg.ReadOnly {
		if err := unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("read-only root: %w", err)
		}
	}
	if err := loopback(); err != nil {
		return err
	}
	if err := unix.Chroot(root); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := os.Chdir(cfg.Dir); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	if err := errors.Join(syscall.Setgroups([]int{}), syscall.Setgid(cfg.GID), syscall.Setuid(cfg.UID)); err != nil {
		return fmt.Errorf("user %d:%d: %w", cfg.UID, cfg.GID, err)
	}
	// changing the user cleared it
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("end with the parent: %w", err)
	}
	os.Clearenv()
	for _, entry := range cfg.Env {
		if name, value, ok := strings.Cut(entry, "="); ok {
			os.Setenv(name, value)
		}
	}
	path, err := exec.LookPath(cfg.Args[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, cfg.Args, cfg.Env)
}

// populate mounts what a container has in addition to the root of its image.
func populate(cfg Config, root string) error {
	at := func(name string) (string, error) {
		path := filepath.Join(root, name)
		return path, os.MkdirAll(path, 0o755)
	}
	for _, m := range []struct{ kind, name, options string }{
		{"proc", "proc", ""}, {"tmpfs", "dev", "mode=755"}, {"tmpfs", "dev/shm", "mode=1777"},
		{"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=620"},
	} {
		path, err := at(m.name)
		if err != nil {
			return err
		}
		if err := unix.Mount(m.kind, path, m.kind, unix.MS_NOSUID, m.options); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		path := filepath.Join(root, "dev", name)
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			return err
		}
		if err := unix.Mount(filepath.Join("/dev", name), path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("/dev/%s: %w", name, err)
		}
	}
	for link, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
		"stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx"} {
		if err := os.Symlink(target, filepath.Join(root, "dev", link)); err != nil {
			return err
		}
	}
	for _, name := range cfg.Tmpfs {
		path, err := at(name)
		if err != nil {
			return err
		}
		if err := unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, outside := range cfg.Binds {
		path, err := at(name)
		if err != nil {
			return err
		}
		if err := unix.Mount(outside, path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// loopback brings up the only interface of the new network.
func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
