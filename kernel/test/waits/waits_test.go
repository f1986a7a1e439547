package waits

import (
	"testing"
	"time"
)

func TestUntil(t *testing.T) {
	asked := 0
	Until(t, "the third time", func() bool { asked++; return asked == 3 })
	if asked != 3 {
		t.Errorf("asked %d times, want 3", asked)
	}
}

func TestFor(t *testing.T) {
	c := make(chan int)
	go func() { c <- 7 }()
	if got := For(t, "a number", c); got != 7 {
		t.Errorf("got %d, want 7", got)
	}
}

// A wait ends before go test ends the test.
func TestContext(t *testing.T) {
	deadline, ok := t.Deadline()
	until, limited := Context(t).Deadline()
	if ok != limited {
		t.Fatalf("the test has a deadline: %v, the wait: %v", ok, limited)
	}
	if ok && deadline.Sub(until) != 10*time.Second {
		t.Errorf("the wait ends %v before the test", deadline.Sub(until))
	}
}
