package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestVerbs(t *testing.T) {
	for _, args := range []string{"lab now", "lab --port x", "lab --ip here", "setup now", "launch", "run -p",
		"run --nonsense"} {
		var wrong usageError
		err := verb(t.Context(), strings.Fields(args))
		if !errors.As(err, &wrong) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want one line", args, err)
		}
	}
}

// The command is each kernel, so it must be small and must not link XLA. Of GoNB it uses only the
// types that gonbui sends, which must be those of the cells, and of trafficlib the folder that both
// use.
func TestDeps(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if path == "github.com/janpfeifer/gonb/gonbui/protocol" ||
			path == "github.com/trafficlab/trafficlab/trafficlib/home" {
			continue
		}
		for _, never := range []string{"github.com/gomlx/", "github.com/janpfeifer/",
			"github.com/trafficlab/trafficlab/trafficlib/"} {
			if strings.HasPrefix(path, never) {
				t.Errorf("links %s", path)
			}
		}
	}
}
