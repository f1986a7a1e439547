package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A measurement is what a side needed. Memory is the most that was seen of its process.
type measurement struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"`   // seconds of processor time
	Bytes   int64   `json:"bytes"` // of the text
	Held    int64   `json:"held"`  // bytes of the Arrow file
	Rows    int64   `json:"rows"`  // all sides must agree, and on the sum of the durations
	Sum     int64   `json:"sum"`
	Anon    int64   `json:"-"` // bytes of the process alone
	Mapped  int64   `json:"-"` // bytes of files, which the system may take back
}

func measureOurs(stage, path, work string) (measurement, error) {
	program, err := os.Executable()
	if err != nil {
		return measurement{}, err
	}
	return watch(exec.Command(program, "measure", stage, path, work))
}

// watch runs a process that prints a measurement, and looks at its memory while it runs.
func watch(cmd *exec.Cmd) (m measurement, err error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		return m, err
	}
	ended, sampled := make(chan struct{}), make(chan struct{})
	var anon, mapped int64
	go func() {
		defer close(sampled)
		for {
			a, f := resident(cmd.Process.Pid)
			anon, mapped = max(anon, a), max(mapped, f)
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
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		return m, fmt.Errorf("%s: %w: %q", strings.Join(cmd.Args, " "), err, out.String())
	}
	m.Anon, m.Mapped = anon, mapped
	return m, nil
}

// resident gives the memory of a process, zeros where the system does not tell it as Linux does or the process has
// ended.
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
