package benchkit

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	got := Machine("Python 3")
	if !strings.Contains(got, " cores of ") || !strings.Contains(got, runtime.Version()) ||
		!strings.HasSuffix(got, "; Python 3") {
		t.Error(got)
	}
}

func TestRun(t *testing.T) {
	var said struct{ A int }
	m, err := Run(exec.Command("sh", "-c", `sleep 0.05; echo '{"a": 7}'`), &said)
	if err != nil || said.A != 7 {
		t.Errorf("%+v, %v", said, err)
	}
	if _, err := os.Stat("/proc/self/status"); err == nil && (m.Anon == 0 || m.Mapped == 0 || m.Peak == 0) {
		t.Errorf("memory %+v", m)
	}
	_, err = Run(exec.Command("sh", "-c", "echo lost >&2; exit 3"), &said)
	if err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("a process that fails: %v", err)
	}
	_, err = Run(exec.Command("echo", "not JSON"), &said)
	if err == nil || !strings.Contains(err.Error(), `"not JSON\n"`) {
		t.Errorf("a process that prints something else: %v", err)
	}
	if anon, mapped := resident(-1); anon != 0 || mapped != 0 {
		t.Errorf("memory of no process: %d, %d", anon, mapped)
	}
}

func TestRounds(t *testing.T) {
	costs := map[string][]Cost{
		"a": {{Seconds: 1, CPU: 2, Memory: Memory{Anon: 5}}, {Seconds: 3, CPU: 1, Memory: Memory{Peak: 7}}},
		"b": {{Seconds: 4, CPU: 4}, {Seconds: 5, CPU: 5, Memory: Memory{Mapped: 9}}},
	}
	var order []string
	best, err := Rounds(2, []string{"a", "b"}, func(round int, side string) (Cost, error) {
		order = append(order, side)
		return costs[side][round], nil
	}, Cost.Best)
	if err != nil || strings.Join(order, "") != "abab" {
		t.Errorf("order %v, %v", order, err)
	}
	want := []Cost{
		{Seconds: 3, CPU: 1, Memory: Memory{Anon: 5, Peak: 7}},
		{Seconds: 4, CPU: 4, Memory: Memory{Mapped: 9}},
	}
	if !slices.Equal(best, want) {
		t.Errorf("best %+v, want %+v", best, want)
	}
	lost := errors.New("lost")
	_, err = Rounds(1, []int{1}, func(int, int) (Cost, error) { return Cost{}, lost }, Cost.Best)
	if err != lost {
		t.Errorf("%v, want the error of the measurement", err)
	}
}

type pair [2]string

func (p pair) Cells() []string { return p[:] }

func TestPage(t *testing.T) {
	p := Page{Title: "T", Package: "x/bench", Heads: []string{"who", "n"}, Left: []int{0}, Notes: "Notes.\n"}
	rows := []pair{{"a", "1"}, {"bcde", "22"}}
	want := "x/bench on M\nwho    n\na      1\nbcde  22\nfast: met\n"
	if got := Text(p, "M", rows, []string{"fast: met"}); got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	want = "# T\n\nMade by `go run ./x/bench -write`, which says how it measures; do not edit.\n\nOn M.\n\n" +
		"| who | n |\n|---|---:|\n| a | 1 |\n| bcde | 22 |\n\n- fast: met\n\nNotes.\n"
	if got := Markdown(p, "M", rows, []string{"fast: met"}); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
