package splunk

import (
	"errors"
	"testing"
)

// A secret is hidden in the text of an error, unless it is so short that it occurs in other words.
func TestHide(t *testing.T) {
	err := errors.New("its certificate is not trusted by tst1")
	for secret, want := range map[string]string{
		"t":           "its certificate is not trusted by tst1",
		"is ":         "its certificate is not trusted by tst1",
		"":            "its certificate is not trusted by tst1",
		"tst1":        "its certificate is not trusted by ***",
		"certificate": "its *** is not trusted by tst1",
	} {
		for _, s := range []*Service{{Config: Config{Credentials: Token(secret)}},
			{Config: Config{Credentials: Password("me", secret)}}} {
			if got := s.hide(err).Error(); got != want {
				t.Errorf("%q hidden: %s, want %s", secret, got, want)
			}
		}
	}
}
