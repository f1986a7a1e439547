package oneline

import "testing"

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ text, first, joined string }{
		{"", "", ""},
		{"one", "one", "one"},
		{"one\n\n  two\t\nthree\n", "one", "one; two; three"},
		{"\ntwo", "", "two"},
	} {
		if got := First(c.text); got != c.first {
			t.Errorf("First(%q) = %q, want %q", c.text, got, c.first)
		}
		if got := Join(c.text); got != c.joined {
			t.Errorf("Join(%q) = %q, want %q", c.text, got, c.joined)
		}
	}
}
