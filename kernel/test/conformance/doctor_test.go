package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

func TestDoctor(t *testing.T) {
	h := kerneltest.Machine(t)
	output, status := kerneltest.Command(t, ".", nil, h.Program(), "doctor")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	kerneltest.Wants(t, "the table", output, "Go ", "Python ", "environment ", "gonb ", "goimports ", "kernelspec ",
		"backend ", "disk (installed)")
}

// crashing is the source of a plugin that aborts when it is loaded.
const crashing = "#include <stdlib.h>\nvoid *GetPjrtApi(void) { abort(); }\n"

func TestDoctorSurvivesBrokenPlugins(t *testing.T) {
	h := kerneltest.Machine(t)
	dir := t.TempDir()
	junk := filepath.Join(dir, "pjrt_c_api_cuda_plugin.so")
	if err := os.WriteFile(junk, []byte("no plugin at all"), 0o777); err != nil {
		t.Fatal(err)
	}
	words := []string{junk, "fix: remove that file"}
	if _, err := exec.LookPath("cc"); err == nil {
		source, plugin := filepath.Join(dir, "crash.c"), filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")
		if err := os.WriteFile(source, []byte(crashing), 0o666); err != nil {
			t.Fatal(err)
		}
		if output, status := kerneltest.Command(t, dir, nil, "cc", "-shared", "-fPIC", "-o", plugin,
			source); status != 0 {
			t.Fatal(output)
		}
		words = append(words, plugin+": SIGABRT")
	}
	env := []string{"PJRT_PLUGIN_LIBRARY_PATH=" + dir, "GOMLX_BACKEND=go"}
	output, status := kerneltest.Command(t, ".", env, h.Program(), "doctor")
	if status != 0 { // the pure-Go backend remains
		t.Errorf("status %d", status)
	}
	kerneltest.Wants(t, "the table", output, append(words, "(GOMLX_BACKEND=go)")...)
}

func TestDoctorOfNothing(t *testing.T) {
	h := kerneltest.Machine(t)
	output, status := kerneltest.Command(t, ".", []string{"TRAFFICLAB_HOME=" + t.TempDir()}, h.Program(), "doctor")
	if status != 1 {
		t.Errorf("status %d, want 1", status)
	}
	for _, what := range []string{"environment", "setup", "gonb", "goimports", "kernelspec"} {
		kerneltest.Wants(t, "the table", output, what+strings.Repeat(" ", 19-len(what))+"BROKEN")
	}
	kerneltest.Wants(t, "the table", output, "fix: go run ./kernel setup")
}
