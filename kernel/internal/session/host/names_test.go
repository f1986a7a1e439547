package host

import "testing"

func TestNames(t *testing.T) {
	x := Index{Packages: map[string]Package{
		"math/rand": {Name: "rand", Public: true}, "math/rand/v2": {Name: "rand", Public: true},
		"crypto/rand": {Name: "rand", Public: true},
		"go/types":    {Name: "types", Public: true}, "x.org/lib/types": {Name: "types", Public: true},
		"x.org/lib/graph": {Name: "graph", Public: true}, "gonum.org/v1/gonum/graph": {Name: "graph"},
		"x.org/a/set": {Name: "set", Public: true}, "x.org/b/set": {Name: "set", Public: true},
		"golang.org/x/exp/constraints": {Name: "constraints"}, "internal/abi": {Name: "abi"},
	}}
	names := x.names()
	for name, want := range map[string]string{"rand": "math/rand", "types": "go/types", "graph": "x.org/lib/graph",
		"set":         "",
		"constraints": "golang.org/x/exp/constraints", "abi": ""} {
		if names[name] != want {
			t.Errorf("%s: got %q, want %q", name, names[name], want)
		}
	}
}
