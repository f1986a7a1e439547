// Package rewrite makes packages of the cells of a session, so that what a cell declares holds in
// later ones.
//
// It takes cells of bare Go: declarations and statements in any order. Each becomes a package
// main/N of its own that imports the packages of the cells it mentions; a compiler that lets
// packages below main/ see each other's unexported names compiles it. No name is changed that a
// program could show: types, funcs, methods and fields keep theirs.
//
//   - Variables that statements at the top bring become the package's; the statements become one func
//     main, so that goto, labels, defer, recover and return mean what they mean in a function. In a
//     cell of declarations alone, variables get their values in the order in which they need each
//     other.
//   - Names are found and types are inferred by go/types over the syntax trees of the cell itself, so
//     that all positions are the cell's. Names of earlier cells are put into the scope; an identifier
//     that means one is written as ᐧN.name.
//   - A variable that is defined again with the same type keeps its place, with another type it is a
//     new one. When a func, a type or a constant is declared otherwise than before, all that uses it
//     is compiled again beside it. What no longer compiles stays as it was.
//   - A method for a type of an earlier cell makes the type anew with all its methods; variables of it
//     are seen through a conversion of their address.
//   - A cell leaves a mark behind each definition that it has come past. What it did not come to
//     keeps the meaning that it had.
//   - Loops and functions look whether the cell is to stop. Loops at the top that only compute have
//     local variables in place of the package's.
//
// It returns the package's source with the lines of the cell, and what the cell brings. It refuses
// what is no Go, with an [Error] at the places of the cell, and what only a program of its own can
// do (cgo, embedded files, directives for the compiler), with [Unsupported].
package rewrite

import (
	"fmt"
	"go/token"
	"go/types"
	"io"
	"runtime/debug"
	"sync"
)

// A Config is what a session is made of.
type Config struct {
	// Export opens the export data of a package.
	Export func(path string) (io.ReadCloser, error)
	// Resolve returns the path of the package that a name without a declaration can only mean; nil
	// for none.
	Resolve func(name string) (path string, ok bool)
	// Checks has loops and functions look whether their cell is to stop.
	Checks bool
}

// A Session knows what the names of its cells mean. Its methods can be called from several
// goroutines.
type Session struct {
	config Config

	mu        sync.Mutex
	fset      *token.FileSet
	importer  types.Importer
	state     *state
	owners    map[types.Object]*entity // of all cells that were committed
	sources   map[int]*source          // by package
	addressed map[storage]bool         // variables of which some cell has taken the address
	captured  map[storage]bool         // variables that functions of cells use
}

// New returns a session without cells.
func New(c Config) *Session {
	s := &Session{config: c, fset: token.NewFileSet(), state: newState(),
		owners: map[types.Object]*entity{}, sources: map[int]*source{},
		addressed: map[storage]bool{}, captured: map[storage]bool{}}
	s.importer = newImporter(s.fset, c.Export)
	return s
}

// A Package is what a cell has become.
type Package struct {
	Path    string   // main/N
	Source  []byte   // of its only file
	Imports []string // paths that the source imports, but for those of cells
	Cells   []int    // the packages of earlier cells that it imports
	Entry   string   // the function that runs the cell, with its package
	Notices []string // what the user is to know: what was compiled again, and what was not
	Names   []Name   // what the cell brings
	Shows   bool     // the value of its last expression is shown

	session  *Session
	commit   func(marks []int)
	segments []segment
	mark     string // what the emitter's own names have
}

// Commit makes the names of the cell those of the session. It is called once the package is loaded,
// and holds for all cells that are rewritten after it.
func (p *Package) Commit() { p.finish(nil) }

// CommitReached is Commit for a cell that has ended before its end, with the marks that it left:
// variables that it has not come to keep what they meant before.
func (p *Package) CommitReached(marks []int) {
	if marks == nil {
		marks = []int{}
	}
	p.finish(marks)
}

func (p *Package) finish(marks []int) {
	p.session.mu.Lock()
	defer p.session.mu.Unlock()
	if p.commit != nil {
		p.commit(marks)
		p.commit = nil
	}
}

// Live is the package that cells call at run time. In a cell it can be had under a name that nobody
// types.
const (
	livePath = "github.com/trafficlab/trafficlab/kernel/internal/session/live"
	liveName = "ᐧlive"
)

// Rewrite makes package main/n of a cell. Name is that of the cell in line directives, as in
// Cell[7]. The error is an
// *[Error] or an *[Unsupported]; any other is a fault of this package.
func (s *Session) Rewrite(n int, name, code string) (p *Package, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if e := recover(); e != nil { // the session is as it was: nothing is changed before Commit
			p, err = nil, fmt.Errorf("this cell broke the rewriting of cells: %v\n%s", e, debug.Stack())
		}
	}()
	w, err := s.analyse(newSource(n, name, code), false)
	if err != nil {
		return nil, err
	}
	return w.emit()
}
