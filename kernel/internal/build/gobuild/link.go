package gobuild

import (
	"context"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// flags are the flags of the go command that this package understands.
type flags struct{ link []string }

// parseFlags parses GOFLAGS. It returns false for a flag that this package does not understand.
func parseFlags(text string) (flags, bool) {
	var f flags
	for _, one := range fields(text) {
		name, value, _ := strings.Cut(strings.TrimLeft(one, "-"), "=")
		switch name {
		case "ldflags":
			f.link = fields(value)
		case "buildvcs", "tags", "p", "mod", "modcacherw": // go list applies them
		default:
			return f, false
		}
	}
	return f, true
}

// fields splits a list of flags; those with spaces are quoted.
func fields(text string) (out []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if q := text[0]; q == '\'' || q == '"' {
			one, rest, ok := strings.Cut(text[1:], string(q))
			if !ok {
				return append(out, text)
			}
			out, text = append(out, one), rest
			continue
		}
		end := strings.IndexAny(text, " \t\n")
		if end < 0 {
			end = len(text)
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

// make runs the compiler and the linker.
func (b *Builder) make(ctx context.Context, j Job, w *environment, imports []string, path string) (
	text []byte, ok bool, err error) {
	tmp, err := os.MkdirTemp(b.Dir, "make")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(tmp)
	needed, deps := w.closure(imports)
	env := append(slices.Clone(j.Env), "PWD="+j.Dir, "GOROOT="+w.settings["GOROOT"], "GOOS="+w.settings["GOOS"],
		"GOARCH="+w.settings["GOARCH"])
	compilecfg := filepath.Join(tmp, "importcfg.compile")
	var config strings.Builder
	for round := range 2 {
		config.Reset()
		for _, p := range needed {
			file := p.Export
			if round == 1 && !importedBy(needed, p.ImportPath) {
				if other := b.patch(ctx, w, p, compilecfg, env); other != "" {
					file = other
				}
			}
			if file != "" {
				fmt.Fprintf(&config, "packagefile %s=%s\n", p.ImportPath, file)
			}
		}
		if err := os.WriteFile(compilecfg, []byte(config.String()), 0o600); err != nil {
			return nil, false, err
		}
	}
	compiled := filepath.Join(tmp, "main.a")
	fmt.Fprintf(&config, "packagefile main=%s\n", compiled)
	info := w.info(j.Dir, deps)
	fmt.Fprintf(&config, "modinfo %q\n", infoStart+info.String()+infoEnd)
	importcfg := filepath.Join(tmp, "importcfg")
	if err := os.WriteFile(importcfg, []byte(config.String()), 0o600); err != nil {
		return nil, false, err
	}
	args := []string{"-o", compiled, "-trimpath", tmp + "=>", "-p", "main", "-lang=" + w.lang(), "-complete",
		"-buildid", "cell/cell", "-goversion", goVersion(w.version), "-c=2", "-nolocalimports",
		"-importcfg", compilecfg, "-pack", "./" + j.File}
	if j.Extra != "" {
		args = append(args, j.Extra)
	}
	began := time.Now()
	text, ok, err = b.Run(ctx, filepath.Join(w.tools, "compile"), args, j.Dir, env)
	b.took.Compile += time.Since(began)
	if err != nil || !ok {
		return append([]byte("# "+filepath.Base(j.Dir)+"\n"), text...), false, err
	}
	output := filepath.Join(tmp, "program")
	args = append([]string{"-o", output, "-importcfg", importcfg, "-buildmode=exe", "-buildid=cell/cell/cell/cell"},
		w.flags.link...)
	args = append(args, "-extld="+strings.Fields(w.settings["CC"] + " cc")[0], compiled)
	began = time.Now()
	text, ok, err = b.Run(ctx, filepath.Join(w.tools, "link"), args, ".", append(env, "PWD=."))
	b.took.Link += time.Since(began)
	if err != nil || !ok {
		return append([]byte("# "+filepath.Base(j.Dir)+"\n"), text...), false, err
	}
	return nil, true, os.Rename(output, path)
}

// importedBy reports whether one of the packages imports importPath.
func importedBy(packages []*listed, importPath string) bool {
	return slices.ContainsFunc(packages, func(p *listed) bool { return slices.Contains(p.Imports, importPath) })
}

// patch returns the path of a package compiled with the files of b.Patch; "" if there are none.
func (b *Builder) patch(ctx context.Context, w *environment, p *listed, importcfg string, env []string) string {
	if b.Patch == nil || p.Module == nil {
		return ""
	}
	if made, ok := w.patched[p.ImportPath]; ok {
		return made
	}
	if w.patched == nil {
		w.patched = map[string]string{}
	}
	w.patched[p.ImportPath] = ""
	files := b.Patch(p.ImportPath, p.Dir)
	if len(files) == 0 {
		return ""
	}
	dir, err := os.MkdirTemp(b.Dir, "patch")
	if err != nil {
		return ""
	}
	args := []string{"-o", filepath.Join(dir, "p.a"), "-trimpath", dir + "=>" + p.Dir, "-p", p.ImportPath,
		"-lang=go" + p.Module.language(), "-complete", "-buildid", "patched/patched", "-goversion", goVersion(w.version),
		"-c=2", "-nolocalimports", "-importcfg", importcfg, "-pack"}
	for name, text := range files {
		if os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) != nil {
			return ""
		}
	}
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return ""
	}
	names := map[string]bool{}
	for name := range files {
		names[name] = true
		args = append(args, filepath.Join(dir, name))
	}
	for _, e := range entries {
		if ok, err := build.Default.MatchFile(p.Dir, e.Name()); ok && err == nil &&
			strings.HasSuffix(e.Name(), ".go") &&
			!strings.HasSuffix(e.Name(), "_test.go") && !names[e.Name()] {
			args = append(args, filepath.Join(p.Dir, e.Name()))
		}
	}
	if _, ok, err := b.Run(ctx, filepath.Join(w.tools, "compile"), args, dir, env); err != nil || !ok {
		return ""
	}
	w.patched[p.ImportPath] = filepath.Join(dir, "p.a")
	return w.patched[p.ImportPath]
}

// language returns the version of Go that a module is written in.
func (m *module) language() string {
	parts := strings.SplitN(m.GoVersion, ".", 3)
	if len(parts) < 2 {
		return "1.21"
	}
	return parts[0] + "." + digits(parts[1])
}

// lang returns the language version of the toolchain, which GoNB writes into the cells' module.
func (w *environment) lang() string {
	parts := strings.SplitN(goVersion(w.version), ".", 3)
	if len(parts) < 2 {
		return goVersion(w.version)
	}
	return parts[0] + "." + digits(parts[1])
}

func digits(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end]
}
