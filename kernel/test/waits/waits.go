// Package waits has tests wait for what they started as long as they may: until it happens, or until the test's own
// deadline has come, which go test -timeout sets. A wait with a limit of its own fails on a busy machine.
package waits

import (
	"context"
	"testing"
	"time"
)

// margin is what is left of a test's time after a wait, to say what did not come and to end what was started.
const margin = 10 * time.Second

// Context returns the context of a test that ends shortly before the test's deadline.
func Context(t *testing.T) context.Context {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		return t.Context()
	}
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-margin))
	t.Cleanup(cancel)
	return ctx
}

// Until asks again and again until what a test waits for is done, and fails the test at the deadline.
func Until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx := Context(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: not before the test's deadline", what)
		}
	}
}

// For waits for one value of a channel, and fails the test at the deadline.
func For[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-Context(t).Done():
		t.Fatalf("%s: not before the test's deadline", what)
		panic("unreachable")
	}
}
