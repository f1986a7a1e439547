package progress

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestLine(t *testing.T) {
	u := Update{Task: "train", Unit: "step", Done: 30, Total: 120, Metrics: []Value{{"loss", 0.012345678}}}
	for want, got := range map[string]string{
		"train step 30/120 · loss 0.012346 · 2.5 step/s · 36s left": Line(u, 2.5, 36*time.Second),
		"train step 30/120 · loss 0.012346":                         Line(u, 0, -1),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	u.Final, u.Note, u.Total = true, "stopped", 0
	if got, want := Line(u, 2.5, 36*time.Second), "train step 30 · loss 0.012346 · stopped"; got != want {
		t.Errorf("last line %q, want %q: without times", got, want)
	}
}

// TestClock checks that the rate of resumed work is that of the work done now, not of what was done
// before.
func TestClock(t *testing.T) {
	var c Clock
	start := time.Now()
	if rate, eta := c.Tick(Update{Done: 100, First: 100, Total: 200}, start); rate != 0 || eta >= 0 {
		t.Errorf("at the start: rate %v, %v left; want neither known", rate, eta)
	}
	if rate, eta := c.Tick(Update{Done: 110, First: 100, Total: 200}, start.Add(5*time.Second)); rate != 2 ||
		eta != 45*time.Second {
		t.Errorf("after 10 in 5 s: rate %v, %v left; want 2, 45s", rate, eta)
	}
}

func TestLines(t *testing.T) {
	var out strings.Builder
	sink := &Lines{W: &out, Every: time.Hour}
	for i := range 100 {
		sink.Update(Update{Task: "convert", Unit: "session", Done: int64(i)})
	}
	sink.Update(Update{Task: "convert", Unit: "session", Done: 100, Final: true})
	if got := out.String(); got != "convert session 100\n" {
		t.Errorf("printed %q, want the last line alone", got)
	}
	if From(With(context.Background(), sink)) != Sink(sink) {
		t.Error("the context lost its sink")
	}
}
