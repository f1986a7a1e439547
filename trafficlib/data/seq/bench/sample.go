package main

import (
	"os"
	"os/exec"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// A measurement is one stage of one side. Memory is the most that was seen of its process.
type measurement struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"`     // seconds of processor time
	Bytes   int64   `json:"bytes"`   // of the session file; 0 for batches
	Batches int64   `json:"batches"` // 0 for the others
	Count   int64   `json:"count"`   // lines, packets, or packets in an epoch: both sides must agree
	Anon    int64   `json:"-"`       // bytes of the process alone
	Mapped  int64   `json:"-"`       // bytes of files, which the system may take back
}

// work gives bytes or batches.
func (m measurement) work() float64 { return float64(m.Bytes + m.Batches) }

// rate gives bytes or batches a second.
func (m measurement) rate() float64 { return m.work() / m.Seconds }

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
