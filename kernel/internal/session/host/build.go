package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A Config describes the image to build.
type Config struct {
	Go       string // the go command
	Checkout string
	Env      []string // of the go command
	Tools    toolchain.Tools
	Dir      string   // the folder to make; it must not exist
	Key      string   // a hash of everything that goes into the image
	Also     []string // further packages for cells
	Run      toolchain.Run
}

const program = "github.com/trafficlab/trafficlab/kernel/internal/session/host/program"

// original is the package in which the functions of replaced keep their meaning.
const original = program + "/original"

// replaced lists functions of libraries and the host's functions that take their place, FROM=TO.
var replaced = []string{
	"os.Exit=main.hostedExit",
	"os.(*File).Read=main.hostedRead",
	"os/signal.Notify=main.hostedNotify",
	"os/signal.Reset=main.hostedReset",
	"runtime.fatalpanic=main.hostedPanic",
	"github.com/janpfeifer/gonb/gonbui.SendData=main.hostedSend",
}

// Build makes an image.
func Build(ctx context.Context, c Config) (*Image, error) {
	tmp, err := os.MkdirTemp(filepath.Dir(c.Dir), ".image-")
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	defer os.RemoveAll(tmp)
	roots, err := c.roots(ctx)
	if err != nil {
		return nil, err
	}
	packages, err := c.list(ctx, append([]string{"-export", "-deps", "-tags=" + tags(c.Env),
		"-json=ImportPath,Name,Dir,Export,Standard,Imports,ImportMap"},
		append(c.own(), roots...)...)...)
	if err != nil {
		return nil, err
	}
	if err := c.link(ctx, tmp, roots, packages); err != nil {
		return nil, err
	}
	index := Index{Key: c.Key, Packages: map[string]Package{}}
	if version, err := c.Run(ctx, c.Go, []string{"env", "GOVERSION"}, c.Checkout, c.env()); err == nil {
		index.Go = strings.TrimSpace(string(version))
	}
	if err := os.Mkdir(filepath.Join(tmp, exportsDir), 0o755); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	for i, p := range packages {
		if p.Export == "" {
			continue
		}
		file := strconv.Itoa(i)
		if err := exports(filepath.Join(tmp, exportsDir, file), p.Export); err != nil {
			return nil, err
		}
		index.Packages[p.ImportPath] = Package{p.Name, file, public(p.ImportPath) &&
			slices.Contains(roots, p.ImportPath)}
	}
	b, err := json.Marshal(index)
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if err := os.WriteFile(filepath.Join(tmp, indexFile), b, 0o644); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if err := os.Rename(tmp, c.Dir); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	return Open(c.Dir, c.Tools)
}

// tag is the build tag of the host's own files.
const tag = "trafficlabhost"

// tags returns the build tags of the environment and the host's own. They are passed as a flag,
// which overrides GOFLAGS.
func tags(env []string) string {
	for _, e := range slices.Backward(env) {
		flags, ok := strings.CutPrefix(e, "GOFLAGS=")
		if !ok {
			continue
		}
		for flag := range strings.FieldsSeq(flags) {
			if list, ok := strings.CutPrefix(strings.TrimLeft(strings.Trim(flag, `'"`), "-"), "tags="); ok &&
				list != "" {
				return list + "," + tag
			}
		}
		break
	}
	return tag
}

// own lists what the host's main package imports.
func (c *Config) own() []string {
	return []string{original, "github.com/trafficlab/trafficlab/kernel/internal/session/live/message",
		"github.com/trafficlab/trafficlab/trafficlib/nb",
		"github.com/janpfeifer/gonb/gonbui/protocol", "runtime", "debug/elf"}
}

func (c *Config) env() []string {
	return append(slices.Clone(c.Env), "GOWORK=off")
}

// link compiles the host's main package and links it with all packages.
func (c *Config) link(ctx context.Context, dir string, roots []string, packages []listed) error {
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	defer os.RemoveAll(work)
	var cfg, imports strings.Builder
	for _, p := range packages {
		if p.Export != "" {
			fmt.Fprintf(&cfg, "packagefile %s=%s\n", p.ImportPath, p.Export)
		}
	}
	imports.WriteString("package main\n\nimport (\n")
	for _, path := range roots {
		fmt.Fprintf(&imports, "\t_ %q\n", path)
	}
	imports.WriteString(")\n")
	object, config, list := filepath.Join(work, "main.a"), filepath.Join(work, "cfg"), filepath.Join(work,
		"imports.go")
	source, err := c.sources()
	if err != nil {
		return err
	}
	err = os.WriteFile(list, []byte(imports.String()), 0o600)
	if err == nil {
		err = os.WriteFile(config, []byte(cfg.String()), 0o600)
	}
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	args := append([]string{"-o", object, "-p", "main", "-c=2", "-nolocalimports", "-importcfg", config, "-pack",
		list}, source...)
	if output, err := c.Run(ctx, c.Tools.Compile, args, work, c.env()); err != nil {
		return fmt.Errorf("%w: compile: %w: %s", errNoImage, err, tail(output))
	}
	fmt.Fprintf(&cfg, "packagefile main=%s\n", object)
	if err := os.WriteFile(config, []byte(cfg.String()), 0o600); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	output, err := c.Run(ctx, c.Tools.Link, []string{"-o", filepath.Join(dir, programFile), "-importcfg", config,
		"-buildmode=exe", "-s", "-w",
		"-linkmode=internal", "-checklinkname=0", "-keepall", "-redirect", strings.Join(replaced,
			","), "-original", original, "-dumpsyms", filepath.Join(dir, tableFile), object},
		work, c.env())
	if err != nil {
		return fmt.Errorf("%w: link: %w: %s", errNoImage, err, tail(output))
	}
	return nil
}

// sources lists the source files of the host's main package.
func (c *Config) sources() ([]string, error) {
	dir := filepath.Join(c.Checkout, "kernel", "internal", "session", "host", "program")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	context := build.Default
	context.BuildTags = []string{tag}
	files = slices.DeleteFunc(files, func(path string) bool {
		ok, err := context.MatchFile(dir, filepath.Base(path))
		return err != nil || !ok
	})
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%w: %s has no %s", errNoImage, c.Checkout, program)
	}
	return files, nil
}

// exports copies the part of a package's archive that the compiler reads.
func exports(to, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("host: %w", err)
	}
	defer f.Close()
	// An archive begins with 8 bytes. Each file in it has a header of 60, whose last field is the
	// size.
	head := make([]byte, 8+60)
	if _, err := io.ReadFull(f, head); err != nil || !bytes.HasPrefix(head[8:], []byte("__.PKGDEF")) {
		return fmt.Errorf("host: %s: not an archive that begins with export data", from)
	}
	size, err := strconv.ParseInt(strings.TrimSpace(string(head[8+48:8+58])), 10, 64)
	if err != nil {
		return fmt.Errorf("host: %s: %w", from, err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return fmt.Errorf("host: %s: %w", from, err)
	}
	if len(data)%2 == 1 {
		data = append(data, 0)
	}
	if err := os.WriteFile(to, append(head, data...), 0o644); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	return nil
}
