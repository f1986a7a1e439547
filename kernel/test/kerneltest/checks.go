package kerneltest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

// Sandbox returns a sandbox for kernels. It is closed at the end of the test.
func Sandbox(t *testing.T) *client.Sandbox {
	t.Helper()
	h := Machine(t)
	s, err := client.New(t.Context(), h, Checkout(t))
	if err != nil {
		Skip(t, err.Error())
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A Check is what a program of package client reports about one check.
type Check struct {
	Name    string  `json:"check"`
	OK      bool    `json:"ok"`
	Words   string  `json:"words"`
	Seconds float64 `json:"seconds"`
}

// Checks runs a program of package client and returns the checks that it reports. A program that
// exceeds the limit is killed together with everything it started.
func Checks(t *testing.T, s *client.Sandbox, limit time.Duration, program string, args ...string) []Check {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var all []Check
	err := s.Run(ctx, func(line []byte) error {
		var c Check
		if err := json.Unmarshal(line, &c); err != nil {
			return fmt.Errorf("%s printed %q: %w", program, line, err)
		}
		if c.Name != "" {
			all = append(all, c)
		}
		return nil
	}, program, args...)
	if err != nil {
		all = append(all, Check{Name: program, Words: err.Error()})
	}
	return all
}

// Known lists checks that are known to fail, by name, with the reason.
type Known map[string]string

// Report makes each check a subtest. A known failure is logged and passes. A known check that does
// not fail is an error, so that the list only shrinks.
func Report(t *testing.T, checks []Check, known Known) {
	t.Helper()
	seen := map[string]bool{}
	for _, c := range checks {
		seen[c.Name] = true
		t.Run(c.Name, func(t *testing.T) {
			why, isKnown := known[c.Name]
			switch {
			case !c.OK && isKnown:
				t.Logf("known (%s): %s", why, c.Words)
			case !c.OK:
				t.Errorf("%s (%.1f s)", c.Words, c.Seconds)
			case isKnown:
				t.Errorf("passes now: remove it from the list of known failures (%s)", why)
			case c.Words != "":
				t.Log(c.Words)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !seen[name] {
			t.Errorf("%s: in the list of known failures, but there is no such check", name)
		}
	}
}

// Passed returns the number of checks that passed.
func Passed(checks []Check) (passed int) {
	for _, c := range checks {
		if c.OK {
			passed++
		}
	}
	return passed
}
