package process_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A harness links cells against an image and runs them in a host.
type harness struct {
	t        *testing.T
	image    *host.Image
	env      []string
	h        *process.Host
	dir      string
	n        int
	address  uint64
	resident string
	objects  string
	out      recorder
	config   process.Config
}

// recorder records what a host prints.
type recorder struct {
	mu    sync.Mutex
	text  strings.Builder
	rich  bytes.Buffer
	late  []string
	lines []string // what the user types
	waits bool     // the user never answers
}

func (s *recorder) Text(stream string, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(text)
}

func (s *recorder) Rich(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rich.Write(data)
}

func (s *recorder) Input(ctx context.Context) (string, bool) {
	if s.waits {
		<-ctx.Done()
		return "", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) == 0 {
		return "", false
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	return line, true
}

func (s *recorder) Goroutine(cell int, text, trace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, fmt.Sprintf("%d %s\n%s", cell, text, trace))
}

// take returns the text that came since the last call.
func (s *recorder) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

func start(t *testing.T, c process.Config) *harness {
	t.Helper()
	image, env := testimage.Get(t)
	b := &harness{t: t, image: image, env: env, dir: t.TempDir(), address: host.FirstAddress, config: c}
	b.resident = image.Table + "=" + image.Program + "\n"
	if c.Dir == "" {
		c.Dir = b.dir
	}
	if c.Env == nil {
		c.Env = env
	}
	h, err := process.Start(t.Context(), image, c)
	if err != nil {
		t.Fatal(err)
	}
	b.h = h
	t.Cleanup(h.Close)
	return b
}

// module compiles and links a cell: its imports, declarations and a func ᐧMain.
func (b *harness) module(source string) process.Module {
	b.t.Helper()
	b.n++
	pkg := fmt.Sprintf("main/%d", b.n)
	path := func(ext string) string { return filepath.Join(b.dir, fmt.Sprint(b.n)+ext) }
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	write(path(".go"), "package main\n"+withChecks(source))
	write(path(".cfg"), string(b.image.Importcfg)+b.objects)
	if printed, err := toolchain.Exec(b.t.Context(), b.image.Tools.Compile,
		host.CompileArgs(pkg, path(".cfg"), path(".a"), path(".go")), b.dir, b.env); err != nil {
		b.t.Fatalf("compile: %v\n%s", err, printed)
	}
	write(path(".link"), "packagefile "+pkg+"="+path(".a")+"\n")
	write(path(".res"), b.resident)
	m := process.Module{Cell: b.n, Table: path(".tab"), Image: path(".elf"), Entry: pkg + ".ᐧMain"}
	l := host.Link{Package: pkg, Entry: m.Entry, Object: path(".a"), Importcfg: path(".link"),
		Resident: path(".res"), Address: b.address, Image: m.Image, Table: m.Table}
	if printed, err := toolchain.Exec(b.t.Context(), b.image.Tools.Link, l.Args(), b.dir, b.env); err != nil {
		b.t.Fatalf("link: %v\n%s", err, printed)
	}
	end, err := host.End(m.Table)
	if err != nil {
		b.t.Fatal(err)
	}
	b.address = end
	b.resident += m.Table + "=" + m.Image + "\n"
	b.objects += "packagefile " + pkg + "=" + path(".a") + "\n"
	return m
}

// run runs a cell and returns what it printed.
func (b *harness) run(ctx context.Context, source string) (process.Outcome, string) {
	b.t.Helper()
	m := b.module(source)
	o, err := b.h.Run(ctx, m, &b.out)
	if err != nil {
		b.t.Fatal(err)
	}
	return o, b.out.take()
}

// A later cell sees the values of an earlier one.
func TestValues(t *testing.T) {
	b := start(t, process.Config{})
	o, printed := b.run(t.Context(), `
import "fmt"

type point struct{ x, y int }

func (p point) String() string { return fmt.Sprint("<", p.x, " ", p.y, ">") }

var ps = []point{{1, 2}}

func ᐧMain() { fmt.Printf("%v %T\n", ps, ps) }
`)
	if o.How != process.OK || printed != "[<1 2>] []main.point\n" {
		t.Errorf("got %+v, %q", o, printed)
	}
	o, printed = b.run(t.Context(), `
import (
	"fmt"

	ᐧ1 "main/1"
)

func ᐧMain() {
	ᐧ1.ps = append(ᐧ1.ps, ᐧ1.point{3, 4})
	var s fmt.Stringer = ᐧ1.ps[1]
	fmt.Println(s, ᐧ1.ps[0].x, any(ᐧ1.ps[0]) == any(ᐧ1.point{1, 2}))
}
`)
	if o.How != process.OK || printed != "<3 4> 1 true\n" {
		t.Errorf("got %+v, %q", o, printed)
	}
}
