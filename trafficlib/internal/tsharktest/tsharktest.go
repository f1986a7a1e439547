// Package tsharktest compares how tests and tshark decode captures.
package tsharktest

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// Need returns the path of tshark, or skips the test if there is none.
func Need(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		shareddata.Skip(t, "no tshark: apt-get install tshark")
	}
	return path
}

// Difference describes the first line of got that differs from the output of the package's
// testdata/golden_tshark.py for the capture, which runs tshark. It returns "" if there is no
// difference or no tshark.
func Difference(path string, got []string) string {
	if _, err := exec.LookPath("tshark"); err != nil {
		return ""
	}
	out, err := exec.Command("python3", "testdata/golden_tshark.py", "--lines", path).Output()
	if err != nil {
		return fmt.Sprintf(" (%v)", err)
	}
	want := slices.Collect(strings.Lines(string(out)))
	for i := range max(len(got), len(want)) {
		g, w := "nothing\n", "nothing\n"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf(": line %d is\n%swith tshark\n%s", i+1, g, w)
		}
	}
	return ""
}
