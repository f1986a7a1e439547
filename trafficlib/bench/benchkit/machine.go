package benchkit

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine describes the machine and the versions measured: the latter are those of the peers.
func Machine(versions string) string {
	return fmt.Sprintf("%d cores of %s, %s/%s, %s; %s",
		runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, runtime.Version(), versions)
}

// processor returns the model of the processor on Linux, elsewhere "CPU".
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
