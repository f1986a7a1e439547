// Package tsharktest tells where a test's reading of a capture differs from tshark's.
package tsharktest

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// Need gives the path of tshark, and skips a test where there is none.
func Need(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		shareddata.Skip(t, "no tshark: apt-get install tshark")
	}
	return path
}

// Difference gives the first line of got that is not what the package's testdata/golden_tshark.py makes of the capture
// with tshark; "" where there is none, and where there is no tshark.
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
