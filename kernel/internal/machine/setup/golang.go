package setup

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// InstallCC says how to install a C compiler.
const InstallCC = "apt install gcc, dnf install gcc, or xcode-select --install"

// toolchain is the go command that everything is built with.
type toolchain struct {
	bin     string // its folder
	version string // such as go1.26.8
	cc      string // the C compiler; "" if there is none
}

// findGo looks for the go command and checks it against the checkout's go.mod.
func (s *Setup) findGo(ctx context.Context) error {
	t, err := FindGo(ctx, s.Checkout)
	s.toolchain = toolchain{t.Bin, t.Version, t.CC}
	return err
}

// Go is the result of [FindGo].
type Go struct{ Bin, Version, Want, CC string }

// FindGo finds the go command on the PATH. It returns an error if there is none or if it is older
// than the checkout's go.mod requires.
func FindGo(ctx context.Context, checkout string) (Go, error) {
	var t Go
	data, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		return t, fmt.Errorf("kernel: %w", err)
	}
	mod, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return t, fmt.Errorf("kernel: %w", err)
	}
	if mod.Go != nil {
		t.Want = mod.Go.Version
	}
	path, err := exec.LookPath("go")
	if err != nil {
		return t, fmt.Errorf("kernel: no go command on the PATH: install Go %s or newer from go.dev/dl", t.Want)
	}
	t.Bin = filepath.Dir(path)
	cmd := exec.CommandContext(ctx, path, "env", "GOVERSION", "CGO_ENABLED", "CC")
	cmd.Dir = "/" // in the checkout an older go would refuse its go.mod in its own words
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("kernel: go env: %w", err)
	}
	line := strings.Split(string(out), "\n")
	if len(line) < 3 {
		return t, errors.New("kernel: go env: no output")
	}
	t.Version = line[0]
	if line[1] == "1" {
		if cc, err := exec.LookPath(strings.Fields(line[2] + " cc")[0]); err == nil {
			t.CC = cc
		}
	}
	if version.Compare(t.Version, "go"+t.Want) < 0 {
		return t, fmt.Errorf("kernel: this is %s, go.mod requires %s or newer: install it from go.dev/dl", t.Version,
			t.Want)
	}
	return t, nil
}

func (s *Setup) buildTools(ctx context.Context) error {
	return s.build(ctx, s.Home.Bin(), nil, "github.com/janpfeifer/gonb", "golang.org/x/tools/cmd/goimports")
}

func (s *Setup) buildProgram(ctx context.Context) error {
	return s.build(ctx, s.Home.Bin(), map[string]string{"kernel": "trafficlab"}, "./kernel")
}

func (s *Setup) buildTry(ctx context.Context) error {
	return s.build(ctx, s.Home.Bin(), nil, "./kernel/internal/machine/tryplugin")
}

func (s *Setup) buildShim(ctx context.Context) error {
	if err := os.MkdirAll(s.Home.ShimBin(), 0o755); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return s.build(ctx, s.Home.ShimBin(), nil, "./kernel/internal/gonb/shim")
}

// buildGopls uses its own module file, because gopls needs other versions of the modules that it
// shares with GoNB.
func (s *Setup) buildGopls(ctx context.Context) error {
	if err := os.MkdirAll(s.Home.EditorBin(), 0o755); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return s.build(ctx, s.Home.EditorBin(), nil, "-modfile="+filepath.Join("kernel", "tools.mod"),
		"golang.org/x/tools/gopls")
}

// build builds packages of the checkout next to dir and moves the programs there once all are
// complete, renamed as rename says. Running programs keep their old files.
func (s *Setup) build(ctx context.Context, dir string, rename map[string]string, args ...string) error {
	tmp, err := os.MkdirTemp(dir, ".new-")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", tmp + string(filepath.Separator)}, args...)...)
	cmd.Dir = s.Checkout
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false")
	if err := s.output(cmd); err != nil {
		return err
	}
	made, err := os.ReadDir(tmp)
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	for _, m := range made {
		name := m.Name()
		if other, ok := rename[name]; ok {
			name = other
		}
		if err := os.Rename(filepath.Join(tmp, m.Name()), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	return nil
}
