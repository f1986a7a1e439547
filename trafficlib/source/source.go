// Package source says which files a notebook works on.
//
// It takes one place on disk, a file or a folder, and the roles that files can play, each with patterns for their
// names, and gives the files of each role. Every notebook has a parameter for the place and one for each role, so that
// it runs on other data without a change: real captures lie in mixed folders. Files that play no role are listed, not
// lost in silence, and a role that nothing plays is an error, unless it is optional.
//
// The packages below it download: mawi and caida what the third notebook's original works on, by way of fetch;
// splunk searches for the records of the fifth.
package source

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// A Role is a part that files play in a notebook.
type Role struct {
	Name     string // what the notebook calls it, "normal"
	Pattern  string // patterns of file names as in path.Match, with commas between them; "" matches none; one with ! in front takes names away again
	Optional bool   // nothing needs to play it
}

// matches says whether a file name fits one of the patterns, and none of those with an exclamation mark in front.
func (r Role) matches(name string) (bool, error) {
	fits := false
	for pattern := range strings.SplitSeq(r.Pattern, ",") {
		pattern, not := strings.CutPrefix(strings.TrimSpace(pattern), "!")
		ok, err := path.Match(pattern, name)
		switch {
		case err != nil:
			return false, fmt.Errorf("role %q: pattern %q is malformed", r.Name, pattern)
		case ok && not:
			return false, nil
		case ok:
			fits = true
		}
	}
	return fits, nil
}

// Files is what plays which role.
type Files struct {
	Ignored []string // the names of what plays none, in order

	roles []Role
	of    map[string][]string
}

// Pick finds out what plays which role. data is a file, which then plays the first role whatever its name, or a
// folder: then each file and folder directly in it plays the first role that has a matching pattern. Hidden ones, with
// a dot in front, are passed over. Files of a role are in the order of their names, in which numbers count as numbers:
// part_2 before part_10. It panics when there are no roles or two have one name.
func Pick(data string, roles []Role) (Files, error) {
	f := Files{roles: roles, of: map[string][]string{}}
	for i, r := range roles {
		if slices.ContainsFunc(roles[:i], func(o Role) bool { return o.Name == r.Name }) {
			panic("source: Pick: two roles " + r.Name)
		}
	}
	if len(roles) == 0 {
		panic("source: Pick: no roles")
	}
	if data == "" {
		return Files{}, errors.New("source: no place is named: want a file or a folder")
	}
	info, err := os.Stat(data)
	if err != nil {
		return Files{}, fmt.Errorf("source: %w", err)
	}
	var names []string
	if !info.IsDir() {
		f.of[roles[0].Name] = []string{data}
	} else if names, err = list(data); err != nil {
		return Files{}, fmt.Errorf("source: %w", err)
	}
	for _, name := range names {
		role, err := play(roles, name)
		switch {
		case err != nil:
			return Files{}, fmt.Errorf("source: %w", err)
		case role == "":
			f.Ignored = append(f.Ignored, name)
		default:
			f.of[role] = append(f.of[role], filepath.Join(data, name))
		}
	}
	for _, r := range roles {
		switch {
		case r.Optional || len(f.of[r.Name]) > 0:
		case !info.IsDir():
			return Files{}, fmt.Errorf("source: %s: one file can not play the role %q as well: want a folder", data, r.Name)
		default:
			return Files{}, fmt.Errorf("source: %s: nothing matches %q for the role %q; there is %s", data, r.Pattern, r.Name, few(names))
		}
	}
	return f, nil
}

// list gives the names in a folder, in order, without the hidden ones.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, natural)
	return names, nil
}

// play gives the name of the first role that fits, "" for none.
func play(roles []Role, name string) (string, error) {
	for _, r := range roles {
		if ok, err := r.matches(name); err != nil || ok {
			return r.Name, err
		}
	}
	return "", nil
}

// few names the first few of names, for an error.
func few(names []string) string {
	const most = 5
	switch {
	case len(names) == 0:
		return "nothing"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// natural compares names with their runs of digits as numbers.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		if isDigit(x[0]) && isDigit(y[0]) {
			var m, n string
			m, x = number(x)
			n, y = number(y)
			if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n)); c != 0 {
				return c
			}
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	// One is the beginning of the other, or they differ in leading zeros alone.
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number cuts the digits at the start of s off, and gives them without leading zeros.
func number(s string) (digits, rest string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}

// Of gives the paths of what plays a role, none for an optional one that nothing plays. It panics when there is no such
// role.
func (f Files) Of(role string) []string {
	if !f.Has(role) {
		panic("source: Of: no role " + role)
	}
	return f.of[role]
}

// Roles returns the names of all roles, in order.
func (f Files) Roles() []string {
	names := make([]string, len(f.roles))
	for i, r := range f.roles {
		names[i] = r.Name
	}
	return names
}

// Has says whether there is such a role.
func (f Files) Has(role string) bool {
	return slices.ContainsFunc(f.roles, func(r Role) bool { return r.Name == role })
}

// With gives the same choice with other paths for a role, which is added when there is no such role yet: Files{}.With(…)
// is a choice of files that are known by other means than their names.
func (f Files) With(role string, paths ...string) Files {
	if !f.Has(role) {
		f.roles = append(slices.Clip(f.roles), Role{Name: role})
	}
	of := map[string][]string{role: paths}
	for name, own := range f.of {
		if name != role {
			of[name] = own
		}
	}
	f.of = of
	return f
}

// table lays out the roles, with the names of files and not their folders.
func (f Files) table() *grid.Grid {
	g := &grid.Grid{Header: []string{"role", "file"}}
	for _, r := range f.roles {
		if len(f.of[r.Name]) == 0 {
			g.Add(r.Name, "none")
		}
		for _, p := range f.of[r.Name] {
			g.Add(r.Name, filepath.Base(p))
		}
	}
	if len(f.Ignored) > 0 {
		g.Note = "ignored: " + strings.Join(f.Ignored, ", ")
	}
	return g
}

// String gives a table of the roles and what plays them, and a line with what is ignored.
func (f Files) String() string { return f.table().Text() }

// MIME gives the table of String as text and as HTML.
func (f Files) MIME() (map[string]any, error) { return f.table().MIME() }
