// Package message defines the messages between the kernel and the host, one line of JSON each.
package message

import (
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// ToHost is a message to the host. One of its fields is set.
type ToHost struct {
	Run       *Run          `json:"run,omitempty"`
	Interrupt time.Duration `json:"interrupt,omitempty"` // interrupt the running cell, which has this time to end
	Line      *Line         `json:"line,omitempty"`
	Free      bool          `json:"free,omitempty"` // collect garbage and return memory to the system
	Set       *Set          `json:"set,omitempty"`
}

// Set changes the working directory or an environment variable, or neither. The answer is an
// Environ.
type Set struct {
	Dir         string `json:",omitempty"`
	Name, Value string `json:",omitempty"`
	Unset       bool   `json:",omitempty"` // remove the variable
}

// Environ is the working directory and the environment of the host.
type Environ struct {
	Dir   string
	Env   []string
	Error string `json:",omitempty"` // why nothing was set
}

// Run asks the host to load and run a cell.
type Run struct {
	Cell         int
	Table, Image string
}

// Line answers a question for input.
type Line struct {
	Ask  int
	Text string
	EOF  bool // nobody can answer
}

// FromHost is a message from the host. One of its fields is set.
type FromHost struct {
	Ready   bool     `json:"ready,omitempty"`
	Failed  string   `json:"failed,omitempty"` // an error outside of cells
	Done    *Done    `json:"done,omitempty"`
	Late    *Late    `json:"late,omitempty"`
	Ask     int      `json:"ask,omitempty"` // the number of a question for a line of input
	Freed   bool     `json:"freed,omitempty"`
	Environ *Environ `json:"environ,omitempty"`
}

// Done says how a cell ended. If it could not be loaded, How is empty and Text says why.
type Done struct {
	live.Report
	Load time.Duration
}

// Late is a panic in a goroutine whose cell has ended.
type Late struct {
	Cell        int // 0 if it belongs to none
	Text, Trace string
}
