package probe

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Machine says what a measurement was made on.
func (s *Stand) Machine(ctx context.Context) string {
	cpu := "CPU"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	cmd := exec.CommandContext(ctx, s.python, "-c", "import sys; from importlib.metadata import version as v; "+
		"print('Python %d.%d.%d' % sys.version_info[:3] + ', ipykernel ' + v('ipykernel') + ', jupyter_client ' + v('jupyter_client'))")
	cmd.Env = s.Env()
	versions, _ := cmd.Output()
	return fmt.Sprintf("%d cores of %s, %s/%s, %s; %s", runtime.NumCPU(), cpu, runtime.GOOS, runtime.GOARCH, runtime.Version(),
		strings.TrimSpace(string(versions)))
}
