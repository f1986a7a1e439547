package main

import "github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"

// A measurement is the result of one stage of one side.
type measurement struct {
	benchkit.Cost
	Bytes   int64 `json:"bytes"`   // of the session file; 0 for batches
	Batches int64 `json:"batches"` // 0 for the other stages
	Count   int64 `json:"count"`   // lines, packets, or packets of an epoch: both sides must agree
}

// work returns bytes or batches.
func (m measurement) work() float64 { return float64(m.Bytes + m.Batches) }

// rate returns bytes or batches a second.
func (m measurement) rate() float64 { return m.work() / m.Seconds }

// measureOurs runs ourStage in a process of its own.
func measureOurs(stage, path, work string) (m measurement, err error) {
	cmd, err := benchkit.Self("measure", stage, path, work)
	if err != nil {
		return m, err
	}
	m.Memory, err = benchkit.Run(cmd, &m)
	return m, err
}
