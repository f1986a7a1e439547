// Package waits makes tests wait for events without time limits of their own: until the event, or
// until the test's deadline, which go test -timeout sets. A shorter limit would fail on a busy
// machine.
package waits

import (
	"context"
	"testing"
	"time"
)

// margin is the time left of a test after a wait, to report what was missing and to end processes.
const margin = 10 * time.Second

// Context returns the test's context with a deadline shortly before that of the test.
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

// Until polls done until it returns true, and fails the test at the deadline.
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

// For waits for a value from a channel, and fails the test at the deadline.
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
