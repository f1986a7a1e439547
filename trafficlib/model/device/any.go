package device

import "github.com/gomlx/compute"

// Any stands for the best backend of this machine, the one that Open("") returns, and needs no
// opening: packages fit and stream open it when they use it, and return its error if it cannot be
// opened.
//
//	run, err := fit.Train(ctx, device.Any, untrained, set.NextStep("train"), config)
//
// It is not a backend itself, and cannot be passed to GoMLX: its methods of compute.Backend but
// Name, String and Description panic.
var Any compute.Backend = unopened{}

type unopened struct{ compute.Backend }

// Open opens the backend.
func (unopened) Open() (compute.Backend, error) { return Open("") }

func (unopened) Name() string        { return "any" }
func (unopened) String() string      { return "any" }
func (unopened) Description() string { return "the best backend of this machine, not opened" }
