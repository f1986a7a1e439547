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

// A Cost is what a piece of work took. Measurements embed it.
type Cost struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds of processor time, of the process and of those it waited for
	Memory  `json:"-"`
}

// Memory is the most memory that a process had, in bytes, each kind at its own time. The fields are
// 0 if the system does not report them as Linux does.
type Memory struct {
	Anon   int64 // belonging to the process alone (RssAnon)
	Mapped int64 // of files and shared memory, which the system may take back
	Peak   int64 // resident, of either kind
}

// Start starts a clock. The function that it returns reports the time since then.
func Start() func() Cost {
	start, busy := time.Now(), CPU()
	return func() Cost { return Cost{Seconds: time.Since(start).Seconds(), CPU: CPU() - busy} }
}

// Best returns the times of the cheaper of two runs by processor time, which other programs disturb
// less than the clock, and the most memory of either.
func (c Cost) Best(o Cost) Cost {
	best := c
	if o.CPU < c.CPU {
		best = o
	}
	best.Memory = c.Memory.Max(o.Memory)
	return best
}

// Max returns the larger of each kind of memory.
func (m Memory) Max(o Memory) Memory {
	return Memory{max(m.Anon, o.Anon), max(m.Mapped, o.Mapped), max(m.Peak, o.Peak)}
}

// CPU returns the seconds of processor time that this process has used.
func CPU() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(fmt.Errorf("getrusage: %w", err))
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// Self returns a command that runs this program with other arguments.
func Self(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(self, args...), nil
}

// Print prints a measurement as JSON, for the process that runs this one with Run. It returns err
// if that is not nil.
func Print(measurement any, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(measurement)
}

// Run runs a process that prints JSON, decodes it into result, and samples the memory of the
// process every few milliseconds. If the process fails, the error holds what it wrote to standard
// error.
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
	<-sampled // from here on m belongs to this goroutine
	if err != nil {
		return m, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), result); err != nil {
		return m, fmt.Errorf("%s: %w: %q", strings.Join(cmd.Args, " "), err, out.String())
	}
	m.Peak = Peak(cmd)
	return m, nil
}

// Peak returns the largest resident memory of a process that has ended, in bytes, or 0 if unknown.
func Peak(cmd *exec.Cmd) int64 {
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

// resident returns the current memory of a process, zeros if it has ended.
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
