package oneline

import "testing"

func TestFirst(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "",
		"one":                 "one",
		"one\ntwo":            "one",
		"\n\n  one \r\ntwo\n": "one",
	} {
		if got := First(text); got != want {
			t.Errorf("First(%q) = %q, want %q", text, got, want)
		}
	}
}
