package benchkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPU gives the seconds of processor time that this process has taken.
func CPU() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(fmt.Errorf("getrusage: %w", err))
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// Memory is the most that a process had, in bytes, each at its own time. Zeros where the system does not tell it as
// Linux does.
type Memory struct {
	Anon   int64 // belonging to the process alone (RssAnon)
	Mapped int64 // of files and shared memory, which the system may take back
	Peak   int64 // resident, of either kind
}

// Run runs a process that prints JSON, which goes to result, and looks at its memory every few milliseconds. What the
// process says on standard error is part of the error of one that fails.
func Run(cmd *exec.Cmd, result any) (m Memory, err error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		return m, err
	}
	ended, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			anon, mapped := resident(cmd.Process.Pid)
			m.Anon, m.Mapped = max(m.Anon, anon), max(m.Mapped, mapped)
			select {
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	err = cmd.Wait()
	close(ended)
	<-sampled
	if err != nil {
		return m, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), result); err != nil {
		return m, fmt.Errorf("%s: %w: %q", strings.Join(cmd.Args, " "), err, out.String())
	}
	m.Peak = Peak(cmd)
	return m, nil
}

// Peak gives the most memory that an ended process was resident with, as Linux counts it.
func Peak(cmd *exec.Cmd) int64 {
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

// resident gives the memory of a process now, zeros where it has ended.
func resident(pid int) (anon, mapped int64) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "RssAnon":
			anon = kb << 10
		case "RssFile", "RssShmem":
			mapped += kb << 10
		}
	}
	return anon, mapped
}
