// Package toolchain builds the compiler and the linker of cells from the user's own Go.
//
// It takes a GOROOT and returns two programs: a compiler that treats all packages main/N as one, so
// that a cell sees the unexported names of earlier ones, and a linker that links a host with
// everything it holds, and a cell alone against such a host and earlier cells. Both are Go's own
// tools with a few changed lines, and produce from any other input the same bytes as Go's.
//
// The changes are rules: a file, an anchor that must occur there exactly once, and a new text. The
// changed files are written to a separate folder and replace Go's by "go build -overlay"; GOROOT
// stays untouched. A Go in which some anchor does not occur exactly once is refused with
// [ErrUnknown] and the name of the rule.
package toolchain

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed src/*.go.txt
var own embed.FS

// A Config says how to build the tools.
type Config struct {
	Go      string   // the go command
	Root    string   // its GOROOT
	Env     []string // of the go command
	Dir     string   // where the tools go
	Scratch string   // an empty folder for temporary files
	Run     Run
}

// Tools holds the paths of the programs.
type Tools struct{ Compile, Link string }

// In returns the tools that Build has written to dir.
func In(dir string) Tools { return Tools{filepath.Join(dir, "compile"), filepath.Join(dir, "link")} }

// Check returns an error if the rules do not fit the Go in root.
func Check(root string) error {
	_, err := changed(root)
	return err
}

// Build builds the tools.
func Build(ctx context.Context, c Config) (Tools, error) {
	files, err := changed(c.Root)
	if err != nil {
		return Tools{}, err
	}
	slim(c.Root, files)
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for i, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(c.Scratch, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			return Tools{}, fmt.Errorf("toolchain: %w", err)
		}
		overlay.Replace[filepath.Join(c.Root, "src", filepath.FromSlash(name))] = path
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return Tools{}, fmt.Errorf("toolchain: %w", err)
	}
	path := filepath.Join(c.Scratch, "overlay.json")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		return Tools{}, fmt.Errorf("toolchain: %w", err)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return Tools{}, fmt.Errorf("toolchain: %w", err)
	}
	// Without a profile the compiler takes half the time to build, and is only some percent slower
	// at work that takes it milliseconds.
	output, err := c.Run(ctx, c.Go, []string{"build", "-overlay", path, "-pgo=off", "-ldflags=-s -w", "-o",
		c.Dir + string(filepath.Separator),
		"cmd/compile", "cmd/link"}, filepath.Join(c.Root, "src"), environment(c.Env))
	if err != nil {
		return Tools{}, fmt.Errorf("toolchain: %w: %s", err, strings.TrimSpace(string(output)))
	}
	return In(c.Dir), nil
}

// environment removes the variables that would make the go command build for another target or with
// other flags. Experiments stay: they do not go into the tools, but they decide which standard
// library cells are built with.
func environment(env []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "GOFLAGS", "GOOS", "GOARCH", "GOAMD64", "GOWORK", "GODEBUG":
		default:
			out = append(out, e)
		}
	}
	return append(out, "GOWORK=off", "GOFLAGS=-buildvcs=false", "GOTOOLCHAIN=local")
}

// changed returns the text of each changed or new file, by its path below GOROOT/src.
func changed(root string) (map[string]string, error) {
	files := map[string]string{}
	for _, r := range slices.Concat(compilerRules, linkerRules) {
		source, ok := files[r.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, "src", filepath.FromSlash(r.file)))
			if err != nil {
				return nil, fmt.Errorf("%w: rule %q: %v", ErrUnknown, r.name, err)
			}
			source = string(b)
		}
		var err error
		if files[r.file], err = r.apply(source); err != nil {
			return nil, err
		}
	}
	for name, source := range files {
		if files[name] = withImport(source, "cmd/internal/objabi"); files[name] == "" {
			return nil, fmt.Errorf("%w: %s is no longer Go", ErrUnknown, name)
		}
	}
	for _, news := range []map[string]string{compilerFiles, linkerFiles} {
		for name, from := range news {
			b, err := own.ReadFile("src/" + from)
			if err != nil {
				return nil, fmt.Errorf("toolchain: %w", err)
			}
			files[name] = string(b)
		}
	}
	return files, nil
}

// withImport adds the import of a package that the rules made a file need. It returns "" if the
// source is not Go.
func withImport(source, path string) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return ""
	}
	if !strings.Contains(source, filepath.Base(path)+".") {
		return source
	}
	for _, i := range f.Imports {
		if i.Path.Value == `"`+path+`"` {
			return source
		}
	}
	at := int(f.Name.End()) - 1
	return source[:at] + "\n\nimport \"" + path + "\"" + source[at:]
}

// Rules returns a hash of everything that Build changes.
func Rules() string { return rules() }

var rules = sync.OnceValue(func() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%v", slices.Concat(compilerRules, linkerRules))
	for _, news := range []map[string]string{compilerFiles, linkerFiles} {
		for _, name := range slices.Sorted(maps.Keys(news)) {
			b, _ := own.ReadFile("src/" + news[name])
			fmt.Fprintf(sum, "%s\x00%s\x00", name, b)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
})
