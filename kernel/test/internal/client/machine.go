package client

import (
	"context"
	"os/exec"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// Machine describes the machine and the versions of a measurement.
func (s *Sandbox) Machine(ctx context.Context) string {
	cmd := exec.CommandContext(ctx, s.python, "-c", "import sys; from importlib.metadata import version as v; "+
		"print('Python %d.%d.%d' % sys.version_info[:3] + ', ipykernel ' + v('ipykernel') + ', jupyter_client ' + "+
		"v('jupyter_client'))")
	cmd.Env = s.Env()
	versions, _ := cmd.Output()
	return benchkit.Machine(strings.TrimSpace(string(versions)))
}
