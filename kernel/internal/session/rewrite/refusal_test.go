package rewrite

import (
	"fmt"
	"strings"
	"testing"
)

// Errors of the compiler are reported at the places of the cell, with the user's names.
func TestRefusal(t *testing.T) {
	s := session(t)
	cells(t, s, "x, len := 1, 2")
	p, err := cells(t, s, "y := x + len; z := 5\nfunc f() int { return x + y }; w := z\n  1 << 70")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(p.Source), "\n")
	column := func(prefix, word string) (n int) {
		for _, line := range lines {
			if at := strings.Index(line, prefix); at >= 0 {
				rest := line[at:]
				if i := strings.Index(rest, "*/"); i >= 0 {
					rest = rest[i+2:]
				}
				return strings.Index(rest, word) + 1
			}
		}
		t.Fatalf("no %s in\n%s", prefix, p.Source)
		return 0
	}
	output := fmt.Sprintf("/somewhere/Cell[2]:1:%d: about z\n/somewhere/Cell[2]:2:%d: about y of main/2.f and "+
		"ᐧ1.lenᐧ\n"+
		"Cell[2]:3:%d: cannot use it as int value in argument to ᐧlive.Show (overflows)\nlink: nothing",
		column("y  =", "z"), column("func f", "y"), column("Show(", "1 <<")+len("  ᐧlive."))
	const want = "1:15: about z\n2:27: about y of f and len\n3:3: cannot use it as int value (overflows)"
	if got := p.Refusal([]byte(output)); got == nil || got.Error() != want {
		t.Errorf("%v\nwant\n%s\nof\n%s", got, want, p.Source)
	}
	if got := p.Refusal([]byte("link: out of memory")); got != nil {
		t.Errorf("an error that is about no cell: %v", got)
	}
}
