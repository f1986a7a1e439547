// Package source selects the files that a notebook works on, by the patterns of their names.
//
// It takes a path, of a file or a folder, and roles that files can play, such as "normal" and
// "attack", each with patterns of file names. It returns the files of each role. Every notebook has
// a parameter for the path and one for each pattern, so that it runs on other data without a
// change. Files without a role are listed as ignored. A role without files is an error unless it is
// optional.
//
// The packages below it get files from elsewhere: fetch downloads one file over HTTP, s3 a public
// bucket, mawi and caida captures and statistics of backbone links; splunk searches a Splunk
// server; archive unpacks zip files.
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
	Name     string // such as "normal"
	Optional bool   // may be without files

	// Pattern holds comma-separated patterns of file names, as in path.Match. A pattern that begins
	// with ! excludes names that others match. "" matches nothing.
	Pattern string
}

// matches reports whether a file name matches one of the patterns and none of the excluding ones.
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

// Files holds the files of each role.
type Files struct {
	Ignored []string // sorted names of files without a role

	roles []Role
	of    map[string][]string
}

// Pick assigns files to roles. If data is a file, it plays the first role whatever its name. If
// data is a folder, each file and folder directly in it plays the first role with a matching
// pattern; hidden ones, whose names begin with a dot, are skipped. The files of a role are sorted
// by name, with digits compared as numbers: part_2 comes before part_10. Pick panics if there are
// no roles or two of the same name.
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
		return Files{}, errors.New("source: no path given: want a file or a folder")
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
			return Files{}, fmt.Errorf("source: %s: a single file cannot play the role %q too: want a folder", data,
				r.Name)
		default:
			return Files{}, fmt.Errorf("source: %s: nothing matches %q for the role %q; the folder holds %s",
				data, r.Pattern, r.Name, few(names))
		}
	}
	return f, nil
}

// list returns the sorted names in a folder, without hidden ones.
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

// play returns the name of the first role that a file name matches, or "".
func play(roles []Role, name string) (string, error) {
	for _, r := range roles {
		if ok, err := r.matches(name); err != nil || ok {
			return r.Name, err
		}
	}
	return "", nil
}

// few lists the first names for an error message.
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

// natural compares names, with runs of digits as numbers of any length.
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
	// One name is a prefix of the other, or they differ only in leading zeros.
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number splits off the digits at the start of s and drops their leading zeros.
func number(s string) (digits, rest string) {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}

// Of returns the paths of the files of a role; an optional role may have none. It panics if there
// is no such role.
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

// Has reports whether there is such a role.
func (f Files) Has(role string) bool {
	return slices.ContainsFunc(f.roles, func(r Role) bool { return r.Name == role })
}

// With returns a copy of f with other paths for a role, which it adds if it is new. Files{}.With
// builds a selection of files that are known by other means than their names.
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

// table returns the table of String, with names of files but not their folders.
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

// String returns a table of the roles and their files, and a line with the ignored files.
func (f Files) String() string { return f.table().Text() }

// MIME returns the table of String as plain text and as HTML.
func (f Files) MIME() (map[string]any, error) { return f.table().MIME() }
