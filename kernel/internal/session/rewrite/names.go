package rewrite

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Name describes a name of the session.
type Name struct {
	Name string
	Kind string // var, func, type, const or import
	Type string // the path of an import
	Cell int    // the number, as the user knows it, of the cell that declared it
}

// An entity is what a name refers to in the session.
type entity struct {
	name string
	kind kind
	src  *source      // the cell that declared it
	obj  types.Object // as the checker sees it; its name may differ from the user's
	pkg  int          // the package that holds it
	link string       // its name there
	view types.Type   // if not nil, the type that a variable is viewed with, since its own type was compiled again
	decl *declaration // nil for variables and imports
	path string       // of an import
}

// A state holds the meaning of all names between two cells. It is immutable.
type state struct {
	names   map[string]*entity
	methods map[string]*declaration // by T.M, of the session's types
	dots    []string                // paths of dot imports
	stale   map[*declaration]bool   // those that no longer compiled when what they use changed
	unset   map[string]*entity      // variables whose cell ended before their definition
}

func newState() *state {
	return &state{names: map[string]*entity{}, methods: map[string]*declaration{}, stale: map[*declaration]bool{},
		unset: map[string]*entity{}}
}

func (s *state) clone() *state {
	return &state{names: maps.Clone(s.names), methods: maps.Clone(s.methods), dots: slices.Clone(s.dots),
		stale: maps.Clone(s.stale), unset: maps.Clone(s.unset)}
}

// drop forgets a name, and the methods of a type.
func (s *state) drop(name string) {
	if e := s.names[name]; e != nil && e.kind == kindType {
		maps.DeleteFunc(s.methods, func(_ string, d *declaration) bool { return d.recv == name })
	}
	delete(s.names, name)
	delete(s.unset, name)
}

// declarations returns the declarations that can be compiled again, in the order of their cells.
func (s *state) declarations() []*declaration {
	seen := map[*declaration]bool{}
	var out []*declaration
	add := func(d *declaration) {
		if d != nil && !seen[d] {
			seen[d] = true
			out = append(out, d)
		}
	}
	for _, e := range s.names {
		add(e.decl)
	}
	for _, d := range s.methods {
		add(d)
	}
	slices.SortFunc(out, func(a, b *declaration) int {
		if a.src.id != b.src.id {
			return a.src.id - b.src.id
		}
		return a.from - b.from
	})
	return out
}

// Names returns the names of the session, in the order of their cells.
func (s *Session) Names() []Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Name
	for _, e := range s.state.names {
		out = append(out, s.describe(e))
	}
	slices.SortFunc(out, func(a, b Name) int {
		if a.Cell != b.Cell {
			return a.Cell - b.Cell
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

func (s *Session) describe(e *entity) Name {
	n := Name{Name: e.name, Kind: string(e.kind), Cell: e.src.number()}
	if e.kind == kindImport {
		n.Type = e.path
		return n
	}
	n.Type = typeString(e.obj.Type())
	if e.kind == kindType {
		n.Type = typeString(e.obj.Type().Underlying())
	}
	return n
}

// Delete forgets a name. Code that was compiled with it keeps it.
func (s *Session) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.names[name] == nil {
		return fmt.Errorf("no name %s in this session", name)
	}
	next := s.state.clone()
	next.drop(name)
	s.state = next
	return nil
}

// typeString writes a type for the user: with package names, and without one for the types of
// cells.
func typeString(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if isCell(p) {
			return ""
		}
		return p.Name()
	})
}
