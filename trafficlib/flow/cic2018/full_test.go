package cic2018

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// A full disk, simulated by a limit on file sizes in another process, is one clear error, both
// while pieces are stored and while the table is written. No file is left behind, and an existing
// table stays.
func TestFullDisk(t *testing.T) {
	const variable = "TRAFFICLAB_TEST_FULL"
	if args := strings.Split(os.Getenv(variable), "|"); len(args) == 3 {
		var limit uint64
		fmt.Sscan(args[2], &limit)
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			t.Fatal(err)
		}
		_, err := Load(quiet(), args[1], keeping(Options{}), args[0])
		fmt.Printf("<%v>\n", err)
		return
	}
	path, _ := simulated(t, flowsim.File{Rows: 20000})
	dst := filepath.Join(t.TempDir(), "flows.arrow")
	s, err := Load(quiet(), dst, keeping(Options{}), path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	old, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	os.Chtimes(path, in2018, in2018)
	if err := os.WriteFile(path, []byte(rewritten(t)), 0o666); err != nil { // so that the table is made again
		t.Fatal(err)
	}
	for what, limit := range map[string]int{"put": 1 << 20, "write": len(old) - 1000} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d", variable, path, dst, limit))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		line, _, _ := strings.Cut(string(out), "\n")
		if !strings.HasPrefix(line, "<cic2018: "+what) || !strings.HasSuffix(line, ": file too large>") {
			t.Errorf("%s: got %s", what, line)
		}
		if now, err := os.ReadFile(dst); err != nil || string(now) != string(old) {
			t.Errorf("%s: the table that was there is another, %v", what, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) != 1 {
			t.Errorf("%s: %d files are left", what, len(left))
		}
	}
}

// rewritten returns another file with as many rows.
func rewritten(t *testing.T) string {
	var b strings.Builder
	if err := (flowsim.File{Rows: 20000, Seed: 9}).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
