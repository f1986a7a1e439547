package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// Names returns what the session knows by name, imports too.
func (s *Session) Names() []rewrite.Name {
	if l := s.now(); l != nil {
		return l.names.Names()
	}
	return nil
}

// Who returns a cell that leaves a list of the names as its value: name, type, length, a short value of a variable, and the
// cell that brought it. Only lists some of them, if there are any. It is "" when there is nothing to list.
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

// Zero returns a cell that empties variables, so that what only they held can be collected.
func Zero(names []string) string {
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintf(&b, "ᐧlive.Zero(&%s)\n", n)
	}
	return b.String()
}

// Delete forgets a name. What was compiled with it goes on working.
func (s *Session) Delete(name string) error {
	if l := s.now(); l != nil {
		return l.names.Delete(name)
	}
	return fmt.Errorf("no name %s in this session", name)
}

// Complete returns the names that can stand at an offset of a cell that is being written.
func (s *Session) Complete(code string, at int) (rewrite.Completion, bool) {
	if l := s.now(); l != nil {
		return l.names.Complete(code, at)
	}
	return rewrite.Completion{}, false
}

// Inspect returns what an expression stands for, and the text of its declaration where a cell has it.
func (s *Session) Inspect(expr string) (item rewrite.Item, text string, ok bool) {
	if l := s.now(); l != nil {
		return l.names.Inspect(expr)
	}
	return item, "", false
}
