// Package session keeps a living session: one process that stays, the host, into which every cell is compiled, linked and
// loaded, so that values of any type hold for all later cells.
//
// A cell of bare Go goes through five steps. Package rewrite makes it a package of its own, main/N, that sees the names of
// earlier cells. The cell compiler compiles it, and the cell linker links its object alone against the host and the
// earlier cells (package toolchain makes both from the user's own Go). Package process loads the result into the host and
// runs it there, with its output, its panics and its exit. Then the names of the cell are committed.
//
// Package host builds the program that the host runs: all that cells commonly import, linked once. A package that it lacks
// becomes a part of the cell that imports it first. Package live is what cells and the host share at run time.
//
// A session takes cells as Go and returns what became of them. It refuses what does not compile ([*rewrite.Error]) and
// what has to be a program of its own ([ErrOther]): cgo, embedded files, compiler directives. When the host ends, by a
// fault that Go cannot recover from, its values are lost; the session says which and starts another host.
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

// ErrOther is the refusal of a cell that must be a program of its own.
var ErrOther = errors.New("session: this cell must be a program of its own")

var errClosed = errors.New("session: it is closed")

// A Run runs a tool and returns all that it says, and whether it ended well. The error is for one that could not run.
type Run func(ctx context.Context, path string, args []string, dir string, env []string) (said []byte, ok bool, err error)

// A Config says what a session is made of.
type Config struct {
	Image  *host.Image // nil where Watch is to make it
	Go     string      // the go command, for packages that the image lacks
	Module string      // the folder of the module that cells may import
	Dir    string      // a private folder for the files of cells
	Folder string      // where cells run at first
	Env    []string    // of the host
	Pipe   string      // gonbui's pipe to the kernel, a FIFO that exists; "" for none
	Grace  time.Duration
	Run    Run
	Fresh  func() // called before each host starts; may be nil
	Watch  Watch  // of what the image is made of; may be nil
}

// A Watch notices that an image is out of date, and makes another. Package images has one.
type Watch interface {
	Changed() bool
	Make(ctx context.Context) (*host.Image, error)
}

// A Session runs cells one after the other. Its methods may be called at any time; those that need the host wait for the
// cell that runs.
type Session struct {
	c Config

	running sync.Mutex // held while a cell runs

	mu       sync.Mutex
	closed   bool
	starting chan struct{} // closed when the life that is being started is there or has failed
	failed   error         // why there is none
	life     *life
	made     []Made
}

// A life is a host with the cells in it.
type life struct {
	image   *host.Image
	host    *process.Host
	names   *rewrite.Session
	lacking *lacking
	cells   []linked // by the number of their package
	next    int
}

// linked is a cell that was loaded.
type linked struct {
	number               int
	object, image, table string
	end                  uint64 // the first address behind it
}

// remove removes the files of a cell.
func (l linked) remove() {
	for _, path := range []string{l.object, l.image, l.table} {
		os.Remove(path)
	}
}

// New starts the host in the background, and makes its image first if there is none.
func New(c Config) (*Session, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	s := &Session{c: c}
	s.start()
	return s, nil
}

// start starts a life with nothing in it.
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
	h, err := process.Start(context.Background(), c.Image, process.Config{Dir: c.Folder, Env: c.Env, Pipe: c.Pipe, Grace: c.Grace})
	if err != nil {
		return nil, err
	}
	l := &life{image: c.Image, host: h, lacking: newLacking(c, c.Image)}
	l.names = rewrite.New(rewrite.Config{Export: l.lacking.export, Resolve: c.Image.Resolve, Checks: true})
	return l, nil
}

// Wait waits for the host, and returns why there is none.
func (s *Session) Wait(ctx context.Context) error {
	_, err := s.present(ctx)
	return err
}

// Ready reports whether the host is there, or there is none.
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

// now returns the life that is there, nil for none.
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

// Reset starts a new host: all values are gone, and so is what is remembered of the cells that made them.
func (s *Session) Reset() {
	s.running.Lock()
	defer s.running.Unlock()
	s.renew()
	s.mu.Lock()
	s.made = nil
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

// A Made is a cell that has brought names, in the order in which they ran.
type Made struct {
	Count int
	Code  string
	Names []rewrite.Name
}

// Made returns the cells that brought names since the last [Session.Reset], also those whose values were lost with a host.
func (s *Session) Made() []Made {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.made)
}

// Forget forgets which cells made the values, before they run again.
func (s *Session) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = nil
}

func (s *Session) path(number int, ext string) string {
	return filepath.Join(s.c.Dir, fmt.Sprintf("%d%s", number, ext))
}
