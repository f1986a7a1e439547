package main

import (
	"os"
	"os/exec"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
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
	memory, err := benchkit.Run(cmd, &m)
	m.Anon, m.Mapped = memory.Anon, memory.Mapped
	return m, err
}
