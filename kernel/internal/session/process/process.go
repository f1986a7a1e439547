// Package process runs a host: it starts the program of an image, has it load and run cells, and hands over what they
// print, show, ask and leave.
//
// It takes modules that were linked against the host, one after the other, and returns how each cell ended. All that a
// cell has written is handed over before its outcome is returned. A done context interrupts the cell in steps, from a
// signal that it may heed to the end of the host, which is a last resort. What ends the host itself (a fault in C, a
// fatal error of the runtime, a signal) is an outcome too.
package process

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// A Module is a cell that was linked.
type Module struct {
	Cell         int    // the number in the path of its package
	Table, Image string // as the linker wrote them
	Entry        string // the function that runs it
}

// A How is the way in which a cell ended.
type How = live.How

// The ways in which a cell ends.
const (
	OK          = live.OK
	Panicked    = live.Panicked
	Exited      = live.Exited
	Goexited    = live.Goexited
	Interrupted = live.Interrupted
	Abandoned   = live.Abandoned
	LoadFailed  = How("load failed") // nothing of it ran
	Died        = How("died")        // the host ended, and with it all values
)

// An Outcome is how a cell ended.
type Outcome struct {
	How     How
	Code    int             // of os.Exit
	Text    string          // what a panic says, or why the module could not be loaded
	Trace   string          // the stack of a panic
	Result  json.RawMessage // the forms of the last expression's value by MIME type; nil for none
	Reached []int           // the marks of definitions that the cell has come past
	Load    time.Duration   // what loading took
	Died    string          // why the host ended: its status, and its last words
}

// An Output takes what a host says. Its methods are called one at a time, also after the cell that has written it has
// ended: then with the output of the cell that runs, or of the last one.
type Output interface {
	Text(stream string, text []byte) // stream is stdout or stderr; a rune may be cut in two
	Rich(data []byte)                // a piece of what gonbui writes, one stream of encoding/gob for a host's life
	// Input asks the user for a line. It reports false where nobody can answer.
	Input(ctx context.Context) (line string, ok bool)
	// Goroutine tells of a panic in a goroutine whose cell, 0 for none, has ended.
	Goroutine(cell int, text, trace string)
}

// A Config says how a host runs.
type Config struct {
	Dir   string        // its working directory at first
	Env   []string      // its environment
	Pipe  string        // gonbui's pipe to the kernel, a FIFO that exists; "" for none
	Grace time.Duration // how long a cell that was interrupted may stay in a library or C before the host is killed
}

// ErrGone is the error of a host that has ended.
var ErrGone = errors.New("session: the process of the session has ended")

// grace is that of a Config without one.
const grace = 10 * time.Second
