package process_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
)

// The children of cells end with the host.
func TestNothingLeft(t *testing.T) {
	b := start(t, process.Config{})
	o, printed := b.run(t.Context(), `
import (
	"fmt"
	"os/exec"
)

func ᐧMain() {
	cmd := exec.Command("sleep", "1000")
	cmd.Start()
	fmt.Println(cmd.Process.Pid)
}`)
	child, err := strconv.Atoi(strings.TrimSpace(printed))
	if o.How != process.OK || err != nil {
		t.Fatalf("got %+v, %q", o, printed)
	}
	if err := syscall.Kill(child, 0); err != nil {
		t.Fatalf("the child is not there: %v", err)
	}
	b.h.Close()
	for _, pid := range []int{b.h.PID(), child} {
		if !goneSoon(pid) {
			t.Errorf("process %d is left", pid)
		}
	}
}

func goneSoon(pid int) bool {
	for range 500 {
		if syscall.Kill(pid, 0) == syscall.ESRCH {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// Memory that no value holds any longer goes back to the system.
func TestFree(t *testing.T) {
	b := start(t, process.Config{})
	b.run(t.Context(), "var big = make([]byte, 200<<20)\n\nfunc ᐧMain() { for i := range big { big[i] = 1 } }")
	full := b.h.Memory()
	b.run(t.Context(), "import ᐧ1 \"main/1\"\n\nfunc ᐧMain() { ᐧ1.big = nil }")
	b.h.Free(t.Context())
	if freed := b.h.Memory(); full < 200<<20 || freed > full-150<<20 {
		t.Errorf("it held %d MB, and then %d", full>>20, freed>>20)
	}
}

// A host can be moved to another folder and given variables.
func TestPlace(t *testing.T) {
	b := start(t, process.Config{})
	dir := t.TempDir()
	if err := b.h.Chdir(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := b.h.Setenv(t.Context(), "SOMETHING", "x"); err != nil {
		t.Fatal(err)
	}
	_, printed := b.run(t.Context(), `
import (
	"fmt"
	"os"
)

func ᐧMain() { dir, _ := os.Getwd(); fmt.Println(dir, os.Getenv("SOMETHING")) }`)
	if printed != dir+" x\n" {
		t.Errorf("got %q", printed)
	}
	if err := b.h.Chdir(t.Context(), dir+"/none"); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

// Cells of two hosts of one image know nothing of each other.
func TestTwoHosts(t *testing.T) {
	a, b := start(t, process.Config{}), start(t, process.Config{})
	a.run(t.Context(), "var x = 1\n\nfunc ᐧMain() {}")
	b.run(t.Context(), "var x = 2\n\nfunc ᐧMain() {}")
	for _, c := range []struct {
		b    *harness
		want string
	}{{a, "1\n"}, {b, "2\n"}} {
		if _, printed := c.b.run(t.Context(),
			"import ᐧ1 \"main/1\"\n\nfunc ᐧMain() { println(ᐧ1.x) }"); printed != c.want {
			t.Errorf("got %q, want %q", printed, c.want)
		}
	}
}
