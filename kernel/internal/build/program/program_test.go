package program

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// said keeps what a program says as one text, each piece after the first letter of where it came from.
type said struct {
	mu   sync.Mutex
	text strings.Builder
	last string
}

func (s *said) add(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != s.last {
		fmt.Fprintf(&s.text, "<%s>", name)
		s.last = name
	}
	s.text.WriteString(text)
}
func (s *said) Text(stream string, text []byte) { s.add(stream, string(text)) }
func (s *said) Rich(data []byte)                { s.add("rich", string(data)) }
func (s *said) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func shell(script string) Command {
	return Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: os.Environ(), Grace: 500 * time.Millisecond}
}

func TestRun(t *testing.T) {
	for script, want := range map[string]struct {
		said string
		ends string
	}{
		"echo a; sleep .05; echo b >&2; sleep .05; echo c": {"<stdout>a\n<stderr>b\n<stdout>c\n", "exit status 0"},
		"printf x; exit 3":                      {"<stdout>x", "exit status 3"},
		"kill -9 $$":                            {"", "signal: killed"},
		"head -c 300000 /dev/zero | tr '\\0' y": {"<stdout>" + strings.Repeat("y", 300_000), "exit status 0"},
	} {
		var out said
		r, err := Run(t.Context(), shell(script), &out)
		if err != nil || r.String() != want.ends || out.all() != want.said {
			t.Errorf("%s: %v, %v, it said %.100q; want %s, %.100q", script, r, err, out.all(), want.ends, want.said)
		}
	}
	if _, err := Run(t.Context(), Command{Path: "/no/such"}, &said{}); err == nil {
		t.Error("a program that is not there ran")
	}
}

// Nothing of the rich pipe is lost, even when the program ends at once, and text written before it comes before it.
func TestRich(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	c := shell("echo before; { head -c 200000 /dev/zero | tr '\\0' z; } > " + pipe)
	c.Pipe = pipe
	var out said
	r, err := Run(t.Context(), c, &out)
	if want := "<stdout>before\n<rich>" + strings.Repeat("z", 200_000); err != nil || !r.OK() || out.all() != want {
		t.Errorf("%v, %v: %d bytes that begin with %.40q", r, err, len(out.all()), out.all())
	}
}

func TestInterrupt(t *testing.T) {
	for name, script := range map[string]string{
		"heeds it":           "trap 'echo bye; exit 0' INT; echo on; while :; do sleep .01; done",
		"does not":           "trap '' INT; echo on; while :; do sleep .01; done",
		"has a child":        "echo on; sleep 100 | cat",
		"its child does not": "sh -c \"trap '' INT; echo on; sleep 100; :\"; exit 1",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out said
			go func() {
				for !strings.Contains(out.all(), "on") {
					time.Sleep(5 * time.Millisecond)
				}
				cancel()
			}()
			start := time.Now()
			r, err := Run(ctx, shell(script), &out)
			if err != nil || !r.Interrupted || r.OK() || time.Since(start) > 5*time.Second {
				t.Errorf("%+v, %v after %v", r, err, time.Since(start))
			}
			if name == "heeds it" && out.all() != "<stdout>on\nbye\n" {
				t.Errorf("it said %q", out.all())
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Run(ctx, shell("touch /dev/null/never"), &said{}); err != nil || !r.Interrupted {
		t.Errorf("interrupted before it began: %+v, %v", r, err)
	}
}

// A child that stays with the streams open does not hold the cell up, and is still heard.
func TestLinger(t *testing.T) {
	var out said
	start := time.Now()
	r, err := Run(t.Context(), shell("echo on; (sleep 1; echo late) &"), &out)
	if err != nil || !r.OK() || time.Since(start) > 900*time.Millisecond {
		t.Fatalf("%+v, %v after %v", r, err, time.Since(start))
	}
	waits.Until(t, "the child is heard", func() bool { return strings.HasSuffix(out.all(), "late\n") })
}

// No descriptor is left behind.
func TestDescriptors(t *testing.T) {
	count := func() int {
		n := 0
		for fd := range 200 {
			if _, err := unix.FcntlInt(uintptr(fd), syscall.F_GETFD, 0); err == nil {
				n++
			}
		}
		return n
	}
	Run(t.Context(), shell("true"), &said{})
	before := count()
	for range 20 {
		Run(t.Context(), shell("echo x"), &said{})
		Run(t.Context(), Command{Path: "/no/such"}, &said{})
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
