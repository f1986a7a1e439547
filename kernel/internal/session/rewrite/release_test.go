package rewrite

import (
	"strings"
	"testing"
)

// A variable that is replaced is set to its zero value, unless somebody may still use it.
func TestRelease(t *testing.T) {
	for text, want := range map[string]bool{
		"x := []int{1}\n---\nx := \"s\"":                                     true,
		"x := []int{1}\n---\nx := []int{2}":                                  false, // the variable is reused
		"x := []int{1}\np := &x\n---\nx := \"s\"":                            false,
		"x := []int{1}\np := &x[0]\n---\nx := \"s\"":                         false,
		"x := [2]int{1}\np := x[:]\n---\nx := \"s\"":                         false,
		"x := []int{1}\nf := func() int { return len(x) }\n---\nx := \"s\"":  false,
		"x := []int{1}\nfunc f() []int { return x }\n---\nx := \"s\"":        false,
		"x := strings.Builder{}\nx.WriteString(\"a\")\n---\nx := \"s\"":      false,
		"x := []int{1}\n---\ndefer func() { println(len(x)) }()\nx := \"s\"": false,
		"x := []int{1}\n---\nx := len(x)":                                    true,
		"func x() {}\n---\nx := 1":                                           false,
	} {
		p, err := cells(t, session(t), text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got := strings.Contains(string(p.Source), "live.Zero("); got != want {
			t.Errorf("%q: emptied is %v\n%s", text, got, p.Source)
		}
	}
}
