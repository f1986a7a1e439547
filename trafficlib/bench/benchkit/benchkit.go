// Package benchkit is what the benchmark programs of this module share: what they ran on, and what a process needed that
// did a piece of work.
//
// Each side of a benchmark is a process of its own that does one thing and prints what it measured as JSON; the program
// watches it. Nothing here prints a table or knows what is measured.
package benchkit

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine says what was measured on, for the head of a table; versions are those of the peers.
func Machine(versions string) string {
	return fmt.Sprintf("%d cores of %s, %s/%s, %s; %s", runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, runtime.Version(), versions)
}

// processor gives the name that Linux has for it, elsewhere "CPU".
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "CPU"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "CPU"
}

// Met is the word for a bound that was met, or was not.
func Met(met bool) string {
	if met {
		return "met"
	}
	return "NOT met"
}
