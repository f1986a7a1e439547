package launch

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// grace is how long a kernel whose parent is gone may take to end by itself.
const grace = 2 * time.Second

// startWatcher starts this program again as the watcher of the kernel that this process is about to
// become. The watcher has a session of its own, no terminal and no working folder, so that nothing
// that ends the kernel ends it as well.
func startWatcher(h paths.Home, s instance, connection string, parent int) error {
	cmd := exec.Command(h.Program(), "watch", "-session", s.id, "-tmp", s.tmp, "-connection", connection,
		"-kernel", strconv.Itoa(os.Getpid()), "-parent", strconv.Itoa(parent))
	cmd.Dir = "/"
	cmd.Env = []string{} // not even the mark of an outer session, in which this kernel may run
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ready, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	// The watcher holds on to this process before anything else happens: later the process number
	// may mean another process.
	if n, _ := ready.Read(make([]byte, 1)); n != 1 {
		return fmt.Errorf("kernel: the watcher did not start (it needs Linux 5.3 or newer)")
	}
	return nil
}

// Watch waits for the end of a kernel, or of the parent that it must not outlive, and cleans up. It
// implements the hidden verb "watch".
func Watch(args []string) error {
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	id := flags.String("session", "", "value of "+EnvSession+" in the kernel's processes")
	tmp := flags.String("tmp", "", "folder to remove at the end")
	connection := flags.String("connection", "", "the parent's file, to remove if the parent is gone")
	kernelPID := flags.Int("kernel", 0, "process number of the kernel")
	parentPID := flags.Int("parent", 0, "process number of the kernel's parent")
	if err := flags.Parse(args); err != nil {
		return err
	}
	kernel, err := hold(*kernelPID)
	if err != nil {
		return err
	}
	parent, err := hold(*parentPID)
	if err != nil {
		return err
	}
	os.Stdout.Write([]byte("\n"))
	os.Stdout.Close()

	return watch(kernel, parent, *kernelPID, *id, *tmp, *connection)
}

// cleaning is how long the watcher tries to end what is left and to remove its files.
const cleaning = 30 * time.Second

// watch is [Watch] after it has taken hold of both processes.
func watch(kernel, parent *process, pid int, id, tmp, connection string) error {
	if waitAny(-1, kernel, parent); !kernel.gone() {
		kernel.signal(syscall.SIGTERM)
		if waitAny(grace, kernel); !kernel.gone() {
			kernel.signal(syscall.SIGKILL)
			waitAny(grace, kernel)
		}
	}
	if parent.gone() { // a living parent may restart the kernel with the same file
		os.Remove(connection)
	}
	// What is left may still be starting other processes, and writing files while it ends: clean in
	// several rounds.
	for end := time.Now().Add(cleaning); ; time.Sleep(50 * time.Millisecond) {
		left := killSession(id, pid)
		var err error
		if tmp != "" {
			err = os.RemoveAll(tmp)
		}
		if left == 0 && err == nil || time.Now().After(end) {
			return err
		}
	}
}
