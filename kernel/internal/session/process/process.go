// Package process starts a host, the process that cells live in, and has it load and run cells. It
// passes on what they print, show and ask.
//
// It takes modules that were linked against the host, one after another, and returns how each cell
// ended. Everything that a cell wrote is passed on before its outcome is returned. A done context
// interrupts the cell in steps: first a signal that the cell may handle, at last the end of the
// host. What ends the host itself (a fault in C, a fatal error of the runtime, a signal) is an
// outcome too.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// A Module is a linked cell.
type Module struct {
	Cell         int    // the number in the path of its package
	Table, Image string // the files that the linker wrote
	Entry        string // the function that runs it
}

// How is the way in which a cell ended.
type How = live.How

// The ways in which a cell ends.
const (
	OK          = live.OK
	Panicked    = live.Panicked
	Exited      = live.Exited
	Goexited    = live.Goexited
	Interrupted = live.Interrupted
	Abandoned   = live.Abandoned
	LoadFailed  = How("load failed") // none of it ran
	Died        = How("died")        // the host ended, and with it all values
)

// An Outcome is how a cell ended.
type Outcome struct {
	How     How
	Code    int             // the argument of os.Exit
	Text    string          // the panic's message, or why the module could not be loaded
	Trace   string          // the stack of a panic
	Result  json.RawMessage // the last expression's value by MIME type; nil if there is none
	Reached []int           // the marks of the definitions that were executed
	Load    time.Duration   // how long loading took
	Died    string          // why the host ended: its status and its last words
}

// An Output receives what a host prints and asks. Its methods are called one at a time. Output of a
// cell that has ended goes to the Output of the running cell, or else of the last one.
type Output interface {
	Text(stream string, text []byte) // stream is stdout or stderr; a rune may be cut in two
	// a piece of the encoding/gob stream that gonbui writes, one stream for the life of a host
	Rich(data []byte)
	// Input asks the user for a line. It reports false if nobody can answer.
	Input(ctx context.Context) (line string, ok bool)
	// Goroutine reports a panic in a goroutine whose cell, 0 if unknown, has ended.
	Goroutine(cell int, text, trace string)
}

// A Config says how a host runs.
type Config struct {
	Dir   string        // its first working directory
	Env   []string      // its environment
	Pipe  string        // gonbui's pipe to the kernel, an existing FIFO; "" for none
	Grace time.Duration // how long an interrupted cell may stay in a library or C before the host is killed
}

// ErrGone is the error for a host that has ended.
var ErrGone = errors.New("session: the host has ended")

// grace is the default of Config.Grace.
const grace = 10 * time.Second
