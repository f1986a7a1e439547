// Package nb is what a notebook cell needs besides the library: it ends the cell on an error, shows
// values, stops when the stop button is pressed, and names the folder of the run's files.
//
// It takes values, errors and progress reports from the library and shows them in the notebook as
// MIME bundles, or, without a notebook, as plain text on the standard streams; so the same code
// runs in a cell, in a test and in a script. It is the only package that knows the kernel, and the
// only one that ends the cell, or the process.
package nb

import (
	"fmt"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/internal/oneline"
)

// Must returns v. If err is not nil it ends the cell as [Check] does.
//
//	set := nb.Must(set.Split(seq.Split{Test: 0.3}))
func Must[T any](v T, err error) T {
	Check(err)
	return v
}

// Must2 is Must for two values, the second often a report.
func Must2[A, B any](a A, b B, err error) (A, B) {
	Check(err)
	return a, b
}

// Check does nothing if err is nil. Otherwise it prints one line on standard error and ends the
// cell with exit status 1.
func Check(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "error: "+oneline.Join(err.Error()))
	exit(1)
}

// exit ends the process once the notebook has taken all that was sent to it.
func exit(status int) {
	flush()
	os.Exit(status)
}
