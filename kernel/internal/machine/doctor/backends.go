package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// backends finds the plugins of XLA, tries each in a child process, and asks which backend a
// notebook gets.
func backends(ctx context.Context, h paths.Home, record paths.Record) []finding {
	// The kernel's environment, but without downloads: doctor changes nothing.
	env := append(launch.GoEnv(os.Environ(), h, record.GoBin), "GOMLX_NO_AUTO_INSTALL=1")
	try := h.Tool("tryplugin")
	gpus := graphics(ctx)
	output, err := child(ctx, env, try, "-list")
	var plugins []struct{ Name, Path, Err string }
	if err == nil {
		err = json.Unmarshal([]byte(output), &plugins)
	}
	if err != nil {
		return append(gpus, finding{"PJRT plugins", missing, "cannot be tested: " + lastLine(output, err), fixSetup})
	}
	var rows []finding
	for _, p := range plugins {
		what := "PJRT plugin " + p.Name
		if p.Name == "cuda" && len(gpus) == 1 && gpus[0].state == absent { // go-xla does not load it without a GPU
			rows = append(rows, finding{what, absent, p.Path + ": needs a GPU", ""})
			continue
		}
		if p.Err != "" {
			rows = append(rows, finding{what, missing, p.Err, "remove that file"})
			continue
		}
		output, err := child(ctx, env, try, "xla:"+p.Path)
		if err != nil {
			rows = append(rows, finding{what, missing, p.Path + ": " + reason(output, err),
				"remove that file, or choose another with PJRT_PLUGIN_LIBRARY_PATH"})
			continue
		}
		rows = append(rows, finding{what, fine, p.Path + ": works", ""})
	}
	if len(plugins) == 0 {
		rows = append(rows, finding{"PJRT plugin", missing, "none, so models compute on the pure-Go backend", fixSetup})
	}
	rows = append(rows, gpus...)
	output, err = child(ctx, env, try, "")
	if err != nil {
		return append(rows, finding{"backend", broken, reason(output, err), "GOMLX_BACKEND=go computes without XLA"})
	}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	chosen := lines[len(lines)-1]
	by := ""
	if v := os.Getenv("GOMLX_BACKEND"); v != "" {
		by = " (GOMLX_BACKEND=" + v + ")"
	}
	return append(rows, finding{"backend", fine, chosen + by, ""})
}

// reason returns the line in which a crashed child says why. A Go program prints it before its
// stack.
func reason(output string, err error) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		for _, start := range []string{"panic: ", "fatal error: ", "SIG", "device: "} {
			if strings.HasPrefix(line, start) {
				return line
			}
		}
	}
	return lastLine(output, err)
}

// graphics looks for NVIDIA GPUs in the two ways in which a machine may show them.
func graphics(ctx context.Context) []finding {
	if output, err := child(ctx, os.Environ(), "nvidia-smi", "-L"); err == nil {
		var rows []finding
		for line := range strings.Lines(strings.TrimSpace(output)) {
			rows = append(rows, finding{"GPU", fine, strings.TrimSpace(line), ""})
		}
		return rows
	}
	if nodes, _ := filepath.Glob("/dev/nvidia[0-9]*"); len(nodes) > 0 {
		return []finding{{"GPU", missing, nodes[0] + " exists, but nvidia-smi does not answer",
			"reinstall the driver, or give the container its tools"}}
	}
	return []finding{{"GPU", absent, "none", ""}}
}

// The space that a first setup takes, and that the work and the builds of a session take, with a
// margin.
const (
	installing = 5 << 30
	building   = 1 << 30
)

// disk reports the free space of the home. If this user may not write into it, somebody else has
// set it up for all users.
func disk(h paths.Home) []finding {
	if h.State() == string(h) {
		return []finding{space("disk (installed)", string(h), installing)}
	}
	return []finding{
		{"disk (installed)", fine, string(h) + ": set up for all users", ""},
		space("disk (work)", h.State(), building),
	}
}

// space reports the free space of a folder, and whether it is enough. For a folder that does not
// exist it looks at the nearest one above.
func space(what, dir string, room uint64) finding {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return finding{what, missing, fmt.Sprintf("%s: %v", dir, err), ""}
	}
	free := fs.Bavail * uint64(fs.Bsize)
	f := finding{what, fine, fmt.Sprintf("%s: %.1f GB free", dir, float64(free)/1e9), ""}
	if free < room {
		f.state, f.fix = missing, "make room, or choose another place with TRAFFICLAB_HOME or TMPDIR"
	}
	if syscall.Access(dir, 2) != nil { // W_OK
		f.state, f.detail, f.fix = broken, dir+": not writable", "choose another place with TRAFFICLAB_HOME or TMPDIR"
	}
	return f
}
