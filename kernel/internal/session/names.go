package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// Names returns what the session knows by name, imports too.
func (s *Session) Names() []rewrite.Name {
	s.mu.Lock()
	names := s.names
	s.mu.Unlock()
	list := names.Names()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counted(list)
}

// counted puts the user's numbers of cells into names. The caller holds s.mu.
func (s *Session) counted(list []rewrite.Name) []rewrite.Name {
	out := slices.Clone(list)
	out = slices.DeleteFunc(out, func(n rewrite.Name) bool { return n.Name == own })
	for i := range out {
		out[i].Cell = s.counts[out[i].Cell]
	}
	return out
}

// Who returns a cell that leaves a list of the variables among the names as its value: name, type, size or length, a short
// value, and the cell that brought them. It is "" when there are none.
func (s *Session) Who() string {
	var b strings.Builder
	for _, n := range s.Names() {
		if n.Kind == "var" {
			fmt.Fprintf(&b, "\tᐧkernel.Var{Name: %q, Type: %q, Cell: %d, Value: &%s},\n", n.Name, n.Type, n.Cell, n.Name)
		} else if n.Kind != "import" {
			fmt.Fprintf(&b, "\tᐧkernel.Var{Name: %q, Type: %q, Cell: %d},\n", n.Name, n.Type, n.Cell)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "ᐧkernel.Who([]ᐧkernel.Var{\n" + b.String() + "})"
}

// Zero returns a cell that empties variables, so that what only they held can be collected.
func Zero(names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "ᐧkernel.Zero(&%s)\n", n)
	}
	return b.String()
}

// Delete forgets a name. What was compiled with it goes on working.
func (s *Session) Delete(name string) error {
	s.mu.Lock()
	names := s.names
	s.mu.Unlock()
	return names.Delete(name)
}
