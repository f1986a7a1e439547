package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A version is what a name of the model meant when code was compiled with it.
type version struct {
	add  int        // its own summand
	uses []*version // the versions whose values it adds
}

func (v *version) value() int {
	sum := v.add
	for _, u := range v.uses {
		sum += u.value()
	}
	return sum
}

// A model predicts what a session of funcs, variables and closures prints. A redefined func takes
// effect in all funcs that call it; values made earlier keep the old one.
type model struct {
	now    map[string]*version
	calls  map[string][]string // the names that the current definition of a name uses
	values map[string]int      // of variables
	kept   map[string]*version // of closures
}

// define redefines a name, and with it those that use it.
func (m *model) define(name string, add int, uses []string) {
	m.calls[name] = uses
	m.now[name] = &version{add: add}
	for changed := []string{name}; len(changed) > 0; changed = changed[1:] {
		for user, used := range m.calls {
			if slices.Contains(used, changed[0]) && !slices.Contains(changed, user) {
				changed = append(changed, user)
				m.now[user] = &version{add: m.now[user].add}
			}
		}
	}
	for name, used := range m.calls { // names use only alphabetically earlier ones
		m.now[name].uses = nil
		for _, u := range used {
			m.now[name].uses = append(m.now[name].uses, m.now[u])
		}
	}
}

// Sessions of random cells print what the model predicts.
func TestRandomCells(t *testing.T) {
	const seed = 19
	r := rand.New(rand.NewPCG(seed, seed))
	s := start(t)
	m := model{map[string]*version{}, map[string][]string{}, map[string]int{}, map[string]*version{}}
	names := []string{"a", "b", "c", "d", "e", "f"}
	cells := 60
	if testing.Short() {
		cells = 20
	}
	for n := 1; n <= cells; n++ {
		var code, want []string
		for range 1 + r.IntN(4) {
			i := r.IntN(len(names))
			name, add := names[i], r.IntN(100)
			var uses []string
			for _, u := range names[:i] {
				if m.now[u] != nil && r.IntN(2) == 0 {
					uses = append(uses, u)
				}
			}
			if slices.ContainsFunc(code, func(c string) bool { return strings.Contains(c, "func "+name+"(") }) {
				continue
			}
			expr := fmt.Sprint(add)
			for _, u := range uses {
				expr += " + " + u + "()"
			}
			code = append(code, fmt.Sprintf("func %s() int { return %s }", name, expr))
			m.define(name, add, uses)
		}
		// Statements see everything that the cell declares.
		name := names[r.IntN(len(names))]
		if m.now[name] != nil {
			code = append(code, fmt.Sprintf("x_%s := %s()", name, name),
				fmt.Sprintf("h_%s := func() int { return %s() }", name, name))
			m.values["x_"+name] = m.now[name].value()
			m.kept["h_"+name] = frozen(m.now[name])
		}
		for _, name := range names {
			if m.now[name] == nil {
				continue
			}
			code = append(code, fmt.Sprintf("fmt.Println(%s())", name))
			want = append(want, fmt.Sprint(m.now[name].value()))
			if v := m.kept["h_"+name]; v != nil {
				code = append(code, fmt.Sprintf("fmt.Println(x_%s, h_%s())", name, name))
				want = append(want, fmt.Sprint(m.values["x_"+name], v.value()))
			}
		}
		got := run(t, s, n, strings.Join(code, "\n"))
		lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(got), "\n"), func(l string) bool {
			return strings.HasPrefix(l, "# compiled again")
		})
		if !slices.Equal(lines, want) {
			t.Fatalf("cell %d\n%s\nleft\n%s\nit has to leave\n%s", n, strings.Join(code, "\n"), got,
				strings.Join(want, "\n"))
		}
	}
}

// frozen returns a copy of a version that does not change.
func frozen(v *version) *version {
	c := &version{add: v.add}
	for _, u := range v.uses {
		c.uses = append(c.uses, frozen(u))
	}
	return c
}
