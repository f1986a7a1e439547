package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// Names returns the names that the session knows, including imports.
func (s *Session) Names() []rewrite.Name {
	if l := s.now(); l != nil {
		return l.names.Names()
	}
	return nil
}

// Who returns the code of a cell whose value is a list of names: name, type, length, a short form
// of a variable's value, and the cell that declared it. If only is given, just those names are
// listed. Who returns "" if there is nothing to list.
func (s *Session) Who(only ...string) string {
	var b strings.Builder
	for _, n := range s.Names() {
		if len(only) > 0 && !slices.Contains(only, n.Name) {
			continue
		}
		if n.Kind == "var" {
			fmt.Fprintf(&b, "\tᐧlive.Var{Name: %q, Type: %q, Cell: %d, Value: &%s},\n", n.Name, n.Type, n.Cell, n.Name)
		} else if n.Kind != "import" {
			fmt.Fprintf(&b, "\tᐧlive.Var{Name: %q, Type: %q, Cell: %d},\n", n.Name, n.Type, n.Cell)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "ᐧlive.Who([]ᐧlive.Var{\n" + b.String() + "})"
}

// Zero returns the code of a cell that sets variables to their zero values, so that the garbage
// collector can free what only they held.
func Zero(names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "ᐧlive.Zero(&%s)\n", n)
	}
	return b.String()
}

// Delete forgets a name. Code that was compiled with it keeps working.
func (s *Session) Delete(name string) error {
	if l := s.now(); l != nil {
		return l.names.Delete(name)
	}
	return fmt.Errorf("no name %s in this session", name)
}

// Complete returns the names that may stand at an offset of a cell that is being written.
func (s *Session) Complete(code string, at int) (rewrite.Completion, bool) {
	if l := s.now(); l != nil {
		return l.names.Complete(code, at)
	}
	return rewrite.Completion{}, false
}

// Inspect returns what an expression refers to, and the text of its declaration if a cell declared
// it.
func (s *Session) Inspect(expr string) (item rewrite.Item, text string, ok bool) {
	if l := s.now(); l != nil {
		return l.names.Inspect(expr)
	}
	return item, "", false
}
