// Package programs runs graphs of GoMLX, and keeps compiled graphs for later use: in a living
// session, a model that is trained or asked again starts at once.
//
// It takes a backend, a function that makes a graph, and a key that identifies all that the
// function depends on but the shapes of its inputs. A compiled graph has one user at a time. One
// without a user is kept until [Most] others were used after it, its backend is finalized, or
// [Release] is called.
package programs

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Most is the number of compiled graphs that are kept for later, of all backends together. The step
// of a small LSTM holds about a megabyte on XLA's CPU, and takes a second or more to compile.
const Most = 64

// A Program is a graph as one caller uses it, compiled once for each shape. Only one goroutine may
// use it at a time.
type Program struct {
	key   key
	build func(in []*Node) []*Node
	used  map[string]*Exec // by shape
}

// New returns a program of the function build. Two with the same key on the same backend must build
// the same graph, and build must not refer to anything large: it is kept as long as the compiled
// graph.
func New(backend compute.Backend, graph string, build func(in []*Node) []*Node) *Program {
	return &Program{key: key{backend, graph, ""}, build: build, used: map[string]*Exec{}}
}

// Call runs the program. The name of a shape stands for the shapes of all arguments.
func (p *Program) Call(shape string, args ...any) ([]*tensors.Tensor, error) {
	if p.used == nil {
		return nil, errors.New("the program is closed")
	}
	e := p.used[shape]
	if e == nil {
		k := p.key
		k.shape = shape
		if e = idle.take(k); e == nil {
			var err error
			if e, err = NewExec(p.key.backend, p.build); err != nil {
				return nil, err
			}
			made.Add(1)
		}
	}
	delete(p.used, shape) // one that fails or panics is not used again
	out, err := e.Call(args...)
	if err != nil {
		e.Finalize()
		return nil, err
	}
	p.used[shape] = e
	return out, nil
}

// Close ends the use of the program, and keeps what it has compiled.
func (p *Program) Close() {
	for shape, e := range p.used {
		k := p.key
		k.shape = shape
		idle.put(k, e)
	}
	p.used = nil
}

// Release frees all that is kept for a backend, and should be called before the backend is
// finalized.
func Release(backend compute.Backend) {
	idle.drop(func(k key) bool { return k.backend == backend })
}

// Kept returns how many compiled graphs are kept.
func Kept() int {
	idle.Lock()
	defer idle.Unlock()
	return len(idle.all)
}

// Made returns how many graphs were compiled since the process began.
func Made() int64 { return made.Load() }

var made atomic.Int64

// A key identifies a compiled graph.
type key struct {
	backend compute.Backend
	graph   string
	shape   string
}

type entry struct {
	key  key
	exec *Exec
}

// A store holds the graphs without a user, the last used at the end.
type store struct {
	sync.Mutex
	all []entry
}

var idle store

// take removes a graph from the store and returns it, nil if there is none.
func (s *store) take(k key) *Exec {
	s.Lock()
	defer s.Unlock()
	for i, e := range s.all {
		if e.key == k {
			s.all = append(s.all[:i], s.all[i+1:]...)
			return e.exec
		}
	}
	return nil
}

// put adds a graph. It replaces one of the same key, which there is if two had it at the same time.
func (s *store) put(k key, exec *Exec) {
	s.drop(func(old key) bool { return old == k || old.backend.IsFinalized() })
	if k.backend.IsFinalized() {
		exec.Finalize()
		return
	}
	s.Lock()
	s.all = append(s.all, entry{k, exec})
	var old []entry
	if n := len(s.all) - Most; n > 0 {
		old, s.all = s.all[:n:n], append([]entry(nil), s.all[n:]...)
	}
	s.Unlock()
	finalize(old)
}

// drop removes the graphs that a function chooses.
func (s *store) drop(chosen func(key) bool) {
	s.Lock()
	var out []entry
	left := s.all[:0:0]
	for _, e := range s.all {
		if chosen(e.key) {
			out = append(out, e)
		} else {
			left = append(left, e)
		}
	}
	s.all = left
	s.Unlock()
	finalize(out)
}

// finalize frees graphs. It waits for the backend, hence never under the lock.
func finalize(all []entry) {
	for _, e := range all {
		e.exec.Finalize()
	}
}
