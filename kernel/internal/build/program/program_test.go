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

// A transcript records what a program prints as one text, with the name of the source before each
// part.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
	last string
}

func (s *transcript) add(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != s.last {
		fmt.Fprintf(&s.text, "<%s>", name)
		s.last = name
	}
	s.text.WriteString(text)
}
func (s *transcript) Text(stream string, text []byte) { s.add(stream, string(text)) }
func (s *transcript) Rich(data []byte)                { s.add("rich", string(data)) }
func (s *transcript) all() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func shell(script string) Command {
	return Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: os.Environ(), Grace: 500 * time.Millisecond}
}

func TestRun(t *testing.T) {
	for script, want := range map[string]struct {
		prints string
		ends   string
	}{
		"echo a; sleep .05; echo b >&2; sleep .05; echo c": {"<stdout>a\n<stderr>b\n<stdout>c\n", "exit status 0"},
		"printf x; exit 3":                      {"<stdout>x", "exit status 3"},
		"kill -9 $$":                            {"", "signal: killed"},
		"head -c 300000 /dev/zero | tr '\\0' y": {"<stdout>" + strings.Repeat("y", 300_000), "exit status 0"},
	} {
		var out transcript
		r, err := Run(t.Context(), shell(script), &out)
		if err != nil || r.String() != want.ends || out.all() != want.prints {
			t.Errorf("%s: %v, %v, it printed %.100q; want %s, %.100q", script, r, err, out.all(), want.ends,
				want.prints)
		}
	}
	if _, err := Run(t.Context(), Command{Path: "/no/such"}, &transcript{}); err == nil {
		t.Error("a program that does not exist ran")
	}
}

// Nothing in the gonbui pipe is lost, even if the program ends at once, and earlier text comes
// before it.
func TestRich(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	c := shell("echo before; { head -c 200000 /dev/zero | tr '\\0' z; } > " + pipe)
	c.Pipe = pipe
	var out transcript
	r, err := Run(t.Context(), c, &out)
	if want := "<stdout>before\n<rich>" + strings.Repeat("z", 200_000); err != nil || !r.OK() || out.all() != want {
		t.Errorf("%v, %v: %d bytes that begin with %.40q", r, err, len(out.all()), out.all())
	}
}

func TestInterrupt(t *testing.T) {
	for name, script := range map[string]string{
		"obeys":                "trap 'echo bye; exit 0' INT; echo on; while :; do sleep .01; done",
		"ignores it":           "trap '' INT; echo on; while :; do sleep .01; done",
		"has a child":          "echo on; sleep 100 | cat",
		"its child ignores it": "sh -c \"trap '' INT; echo on; sleep 100; :\"; exit 1",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out transcript
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
			if name == "obeys" && out.all() != "<stdout>on\nbye\n" {
				t.Errorf("it printed %q", out.all())
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Run(ctx, shell("touch /dev/null/never"), &transcript{}); err != nil || !r.Interrupted {
		t.Errorf("interrupted before it began: %+v, %v", r, err)
	}
}

// A child that keeps the streams open does not delay the cell, and its text still arrives.
func TestLinger(t *testing.T) {
	var out transcript
	start := time.Now()
	r, err := Run(t.Context(), shell("echo on; (sleep 1; echo late) &"), &out)
	if err != nil || !r.OK() || time.Since(start) > 900*time.Millisecond {
		t.Fatalf("%+v, %v after %v", r, err, time.Since(start))
	}
	waits.Until(t, "the text of the child arrives", func() bool { return strings.HasSuffix(out.all(), "late\n") })
}

// No file descriptor leaks.
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
	Run(t.Context(), shell("true"), &transcript{})
	before := count()
	for range 20 {
		Run(t.Context(), shell("echo x"), &transcript{})
		Run(t.Context(), Command{Path: "/no/such"}, &transcript{})
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
