// Package message has what the kernel and the host say to each other: a line of JSON each.
package message

import (
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// ToHost is one of these.
type ToHost struct {
	Run       *Run          `json:"run,omitempty"`
	Interrupt time.Duration `json:"interrupt,omitempty"` // the cell that runs, which has this time to end
	Line      *Line         `json:"line,omitempty"`
	Free      bool          `json:"free,omitempty"` // collect garbage and return memory to the system
	Set       *Set          `json:"set,omitempty"`
}

// Set changes where the process is or a variable of its environment, or neither. It is answered
// with a Place.
type Set struct {
	Dir         string `json:",omitempty"`
	Name, Value string `json:",omitempty"`
	Unset       bool   `json:",omitempty"` // the variable named Name
}

// Place is where the process is, and its environment.
type Place struct {
	Dir   string
	Env   []string
	Error string `json:",omitempty"` // why nothing was set
}

// Run loads a cell and runs it.
type Run struct {
	Cell         int
	Table, Image string
}

// Line answers a question.
type Line struct {
	Ask  int
	Text string
	EOF  bool // nobody can answer
}

// FromHost is one of these.
type FromHost struct {
	Ready  bool   `json:"ready,omitempty"`
	Failed string `json:"failed,omitempty"` // what the host cannot do
	Done   *Done  `json:"done,omitempty"`
	Late   *Late  `json:"late,omitempty"`
	Ask    int    `json:"ask,omitempty"` // the number of a question for a line of input
	Freed  bool   `json:"freed,omitempty"`
	Place  *Place `json:"place,omitempty"`
}

// Done is how a cell ended. Without a How it could not be loaded, and Text says why.
type Done struct {
	live.Report
	Load time.Duration
}

// Late is a panic in a goroutine whose cell has ended.
type Late struct {
	Cell        int // 0 when it is of none
	Text, Trace string
}
