package main

import "github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"

// A measurement is the result of one side.
type measurement struct {
	benchkit.Cost
	Bytes int64 `json:"bytes"` // of the text
	Held  int64 `json:"held"`  // bytes of the Arrow file
	Rows  int64 `json:"rows"`  // all sides must agree on Rows and Sum
	Sum   int64 `json:"sum"`   // of the durations
}
