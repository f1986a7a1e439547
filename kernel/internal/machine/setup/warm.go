package setup

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

// warm fills Go's build cache. It builds a program that imports everything that the notebooks
// import, and the whole library, as the kernel builds cells: in a workspace beside the checkout and
// with the kernel's environment, except that modules may be fetched. Then it removes the program.
func (s *Setup) warm(ctx context.Context) error {
	tmp, err := os.MkdirTemp(s.Home.Scratch(), "warm-")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer os.RemoveAll(tmp)
	imports, err := notebookImports(filepath.Join(s.Checkout, "notebooks"))
	if err != nil {
		return err
	}
	library, err := s.libraryPackages(ctx)
	if err != nil {
		return err
	}
	for _, path := range library {
		imports[path] = true
	}
	var program strings.Builder
	program.WriteString("package main\n\nimport (\n")
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&program, "\t_ %q\n", path)
	}
	program.WriteString(")\n\nfunc main() {}\n")
	files := map[string]string{
		"main.go": program.String(),
		"go.mod": fmt.Sprintf("module warm\n\ngo %s\n\nreplace %s => %s\n", s.goLine(), paths.Module,
			strconv.Quote(s.Checkout)),
		"go.work": fmt.Sprintf("go %s\n\nuse (\n\t.\n\t%s\n)\n", s.goLine(), strconv.Quote(s.Checkout)),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(tmp, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	// as GoNB does for each cell
	for _, args := range [][]string{{"get"}, {"build", "-o", filepath.Join(tmp, "cell")}} {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = tmp
		cmd.Env = launch.GoEnv(os.Environ(), s.Home, s.toolchain.bin)
		if err := s.output(cmd); err != nil {
			return err
		}
	}
	return nil
}

// goLine returns the version of the toolchain as "go mod init" writes it into GoNB's go.mod.
func (s *Setup) goLine() string {
	return strings.TrimPrefix(strings.Fields(s.toolchain.version)[0], "go")
}

// libraryPackages lists the packages of the library that a cell may import.
func (s *Setup) libraryPackages(ctx context.Context) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-f",
		`{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}}`, "./trafficlib/...")
	cmd.Dir = s.Checkout
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("kernel: go list: %w", err)
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(path string) bool {
		return strings.Contains(path+"/", "/internal/")
	}), nil
}

// notebookImports returns the packages that the notebooks of a folder import. Cells that do not
// parse are skipped: judging notebooks is not the task of setup.
func notebookImports(dir string) (map[string]bool, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	out := map[string]bool{}
	for _, path := range paths {
		cells, err := notebook.Read(path)
		if err != nil {
			return nil, err
		}
		for _, cell := range cells {
			if cell.Kind != "code" {
				continue
			}
			for _, path := range cellImports(cell.Source) {
				out[path] = true
			}
		}
	}
	return out, nil
}

// cellImports returns the packages that a cell imports, except those that no program can import
// with a blank name.
func cellImports(cell string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", notebook.GoSource(cell), parser.ImportsOnly)
	if err != nil {
		return nil
	}
	var out []string
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != "C" {
			out = append(out, path)
		}
	}
	return out
}
