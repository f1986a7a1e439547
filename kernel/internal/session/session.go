// Package session runs cells of Go in one living process, so that values of any type stay for later
// cells. That process is the host; each cell is compiled, linked and loaded into it.
//
// A cell takes five steps. Package rewrite makes it a package of its own, main/N, that sees the
// names of earlier cells. The cell compiler compiles it. The cell linker links its object alone,
// against the host and the earlier cells; package toolchain makes both tools from the user's own
// Go. Package process loads the result into the host and runs it there, with its output, its panics
// and its exit. Last, the names of the cell are committed.
//
// Package host builds the program that the host runs: everything that cells commonly import, linked
// once. A package that it lacks becomes part of the cell that imports it first. Package live is the
// run-time library that cells and the host share.
//
// A session takes Go code and returns what became of it. It refuses code that does not compile
// ([*rewrite.Error]) and code that has to be a program of its own ([ErrStandalone]): cgo, embedded
// files, compiler directives. If the host ends, through a fault that Go cannot recover from, its
// values are lost; the session reports which, and starts another host.
package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// ErrStandalone is the refusal of a cell that must be a program of its own.
var ErrStandalone = errors.New("session: this cell must be a program of its own")

var errClosed = errors.New("session: closed")

// An Exec runs a tool and returns everything it prints, and whether it succeeded. The error is for
// a tool that could not be run.
type Exec func(ctx context.Context, path string, args []string, dir string, env []string) (output []byte, ok bool,
	err error)

// A Config describes a session.
type Config struct {
	Image  *host.Image // nil to have Watch make it
	Go     string      // the go command, for packages that the image lacks
	Module string      // the folder of the module that cells may import
	Dir    string      // a private folder for the files of cells
	Folder string      // where cells first run
	Env    []string    // the environment of the host
	Pipe   string      // gonbui's pipe to the kernel, an existing FIFO; "" for none
	Grace  time.Duration
	Run    Exec
	Fresh  func() // called before each host starts; may be nil
	Watch  Watch  // watches what the image is made of; may be nil
}

// A Watch notices that an image is out of date, and makes another. Package images implements it.
type Watch interface {
	Changed() bool
	Make(ctx context.Context) (*host.Image, error)
}

// A Session runs cells one after another. Its methods may be called at any time; those that need
// the host wait for the running cell.
type Session struct {
	c Config

	running sync.Mutex // held while a cell runs

	mu       sync.Mutex
	closed   bool
	starting chan struct{} // closed when the life that is being started has started or failed
	failed   error         // why it failed
	life     *life
	origins  []Origin
}

// A life is a host with the cells loaded in it.
type life struct {
	image  *host.Image
	host   *process.Host
	names  *rewrite.Session
	extras *extras
	cells  []linked // in the order of their package numbers
	next   int
}

// linked is a cell that was linked.
type linked struct {
	number               int
	object, image, table string
	end                  uint64 // the first address after it
}

// remove removes the files of a cell.
func (l linked) remove() {
	for _, path := range []string{l.object, l.image, l.table} {
		os.Remove(path)
	}
}

// New starts the host in the background. If the config has no image, it is made first.
func New(c Config) (*Session, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	s := &Session{c: c}
	s.start()
	return s, nil
}

// start starts a life without any cells.
func (s *Session) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	ready := make(chan struct{})
	s.starting, s.failed, s.life = ready, nil, nil
	if s.closed {
		s.failed = errClosed
		close(ready)
		return
	}
	c := s.c
	go func() {
		defer close(ready)
		l, err := begin(c)
		s.mu.Lock()
		s.life, s.failed = l, err
		if l != nil {
			s.c.Image = l.image
		}
		closed := s.closed
		s.mu.Unlock()
		if closed && l != nil {
			l.host.Close()
		}
	}()
}

// begin starts a host.
func begin(c Config) (*life, error) {
	if c.Image == nil {
		var err error
		if c.Image, err = c.Watch.Make(context.Background()); err != nil {
			return nil, err
		}
	}
	if c.Fresh != nil {
		c.Fresh()
	}
	h, err := process.Start(context.Background(), c.Image,
		process.Config{Dir: c.Folder, Env: c.Env, Pipe: c.Pipe, Grace: c.Grace})
	if err != nil {
		return nil, err
	}
	l := &life{image: c.Image, host: h, extras: newExtras(c, c.Image)}
	l.names = rewrite.New(rewrite.Config{Export: l.extras.export, Resolve: c.Image.Resolve, Checks: true})
	return l, nil
}

// Wait waits for the host. It returns an error if there is none.
func (s *Session) Wait(ctx context.Context) error {
	_, err := s.present(ctx)
	return err
}

// Ready reports whether starting the host has ended, in success or failure.
func (s *Session) Ready() bool {
	s.mu.Lock()
	ready := s.starting
	s.mu.Unlock()
	select {
	case <-ready:
		return true
	default:
		return false
	}
}

// present waits for the life that is being started.
func (s *Session) present(ctx context.Context) (*life, error) {
	s.mu.Lock()
	ready := s.starting
	s.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life, s.failed
}

// now returns the current life, or nil.
func (s *Session) now() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

// Close ends the host.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	l := s.life
	s.mu.Unlock()
	if l != nil {
		l.host.Close()
	}
}

// Reset starts a new host. All values are lost, and the cells that made them are forgotten.
func (s *Session) Reset() {
	s.running.Lock()
	defer s.running.Unlock()
	s.renew()
	s.mu.Lock()
	s.origins = nil
	s.mu.Unlock()
}

// renew replaces the host.
func (s *Session) renew() {
	if l := s.now(); l != nil {
		l.host.Close()
		for _, c := range l.cells {
			c.remove()
		}
	}
	s.start()
}

// An Origin is a cell that declared names.
type Origin struct {
	Count int
	Code  string
	Names []rewrite.Name
}

// Origins returns the cells that declared names since the last [Session.Reset], in the order they
// ran, including those whose values were lost with a host.
func (s *Session) Origins() []Origin {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.origins)
}

// Forget forgets which cells declared names, before they run again.
func (s *Session) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.origins = nil
}

func (s *Session) path(number int, ext string) string {
	return filepath.Join(s.c.Dir, fmt.Sprintf("%d%s", number, ext))
}
