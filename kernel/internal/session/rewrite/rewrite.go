// Package rewrite turns the cells of a session into Go packages, so that later cells can use what
// earlier ones declare.
//
// It takes cells of Go: declarations and statements in any order. Each becomes a package main/N
// that imports the packages of the cells it refers to. It is compiled by a compiler that lets
// packages below main/ see each other's unexported names. No name that a program could print is
// changed: types, funcs, methods and fields keep theirs.
//
//   - Variables that are declared at the top level become variables of the package. The statements
//     become one func main, so that goto, labels, defer, recover and return mean what they mean in
//     a function. In a cell that only declares variables, they are initialized in the order of
//     their dependencies.
//   - Package go/types resolves names and infers types on the syntax trees of the cell itself, so
//     that all positions are those of the cell. Names of earlier cells are inserted into the scope;
//     an identifier that refers to one is written as ᐧN.name.
//   - A variable that is defined again with the same type keeps its storage; with another type it
//     is a new variable. When a func, a type or a constant changes, everything that uses it is
//     compiled again with the cell. What no longer compiles stays as it was.
//   - A method for a type of an earlier cell makes the type anew with all its methods. Variables of
//     the type are viewed through a conversion of their address.
//   - A cell records each definition that it has executed. What it did not reach keeps its earlier
//     meaning.
//   - Loops and functions check whether the cell is to stop. Loops at the top level that only
//     compute use local copies of the package's variables.
//
// It returns the source of the package, with line directives for the cell, and the names that the
// cell declares. It refuses code that does not compile, with an [Error] at places of the cell, and
// code that only a program of its own can run (cgo, embedded files, compiler directives), with
// [Unsupported].
package rewrite

import (
	"fmt"
	"go/token"
	"go/types"
	"io"
	"runtime/debug"
	"sync"
)

// A Config holds what a session needs.
type Config struct {
	// Export opens the export data of a package.
	Export func(path string) (io.ReadCloser, error)
	// Resolve returns the only package that an undeclared name can mean. It may be nil.
	Resolve func(name string) (path string, ok bool)
	// Checks makes loops and functions check whether their cell is to stop.
	Checks bool
}

// A Session knows the meaning of the names of its cells. It is safe for concurrent use.
type Session struct {
	config Config

	mu        sync.Mutex
	fset      *token.FileSet
	importer  types.Importer
	state     *state
	owners    map[types.Object]*entity // of all committed cells
	sources   map[int]*source          // by package number
	addressed map[storage]bool         // variables whose address some cell has taken
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

// A Package is what a cell was rewritten to.
type Package struct {
	Path    string   // main/N
	Source  []byte   // the text of its only file
	Imports []string // the paths that the source imports, without those of cells
	Cells   []int    // the packages of earlier cells that the source imports
	Entry   string   // the function that runs the cell, with the package path
	Notices []string // what the user should know: what was compiled again, and what was not
	Names   []Name   // the names that the cell declares
	Shows   bool     // the value of its last expression is shown

	session  *Session
	commit   func(marks []int)
	segments []segment
	mark     string // begins the names that the emitter added
}

// Commit adds the names of the cell to the session. Call it once the package is loaded; it affects
// all cells that are rewritten afterwards.
func (p *Package) Commit() { p.finish(nil) }

// CommitReached is Commit for a cell that may have ended early, with the marks that it recorded:
// variables whose definitions it did not reach keep their earlier meanings.
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

// livePath is the package that cells call at run time. A cell can refer to it by liveName, which
// nobody types.
const (
	livePath = "github.com/trafficlab/trafficlab/kernel/internal/session/live"
	liveName = "ᐧlive"
)

// Rewrite makes package main/n of a cell. Line directives name the cell as name, such as Cell[7].
// The error is an *[Error] or an *[Unsupported]; any other error is a fault of this package.
func (s *Session) Rewrite(n int, name, code string) (p *Package, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if e := recover(); e != nil { // nothing is changed before Commit, so the session is intact
			p, err = nil, fmt.Errorf("rewrite: internal error: %v\n%s", e, debug.Stack())
		}
	}()
	w, err := s.analyze(newSource(n, name, code), false)
	if err != nil {
		return nil, err
	}
	return w.emit()
}
