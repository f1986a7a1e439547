package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// goModules returns the modules that the programs were built from and those in the module caches.
// It copies the texts of their licenses to licenses/go/PATH@VERSION in the output folder. Texts
// from an earlier call, whose cache is gone, are used too.
func (i image) goModules() ([]part, error) {
	found := map[module.Version]bool{}
	for _, dir := range i.bins {
		if err := inPrograms(i.path(dir), found); err != nil {
			return nil, err
		}
	}
	for _, dir := range i.modules {
		if err := inCache(i.path(dir), found); err != nil {
			return nil, err
		}
	}
	var parts []part
	for _, m := range slices.SortedFunc(maps.Keys(found), func(a, b module.Version) int {
		return strings.Compare(a.String(), b.String())
	}) {
		texts, err := i.keepTexts(m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{"golang", m.Path, m.Version, recognize(texts),
			"pkg:golang/" + m.Path + "@" + m.Version})
	}
	return parts, nil
}

// inPrograms adds the modules of all Go programs in a folder, which may not exist.
func inPrograms(dir string, found map[module.Version]bool) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		info, err := buildinfo.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // not a Go program
		}
		if v := info.Main.Version; v != "" && v != "(devel)" && !strings.Contains(v, "+dirty") {
			found[module.Version{Path: info.Main.Path, Version: v}] = true
		}
		for _, d := range info.Deps {
			if d.Replace != nil {
				d = d.Replace
			}
			if d.Version != "" && d.Version != "(devel)" {
				found[module.Version{Path: d.Path, Version: d.Version}] = true
			}
		}
	}
	return nil
}

// inCache adds the modules in a module cache: folders PATH@VERSION, with capital letters escaped as
// the go command does.
func inCache(dir string, found map[module.Version]bool) error {
	return filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		name, _ := filepath.Rel(dir, at)
		if name == "cache" {
			return filepath.SkipDir
		}
		path, version, ok := strings.Cut(filepath.ToSlash(name), "@")
		if !ok {
			return nil
		}
		m := module.Version{}
		if m.Path, err = module.UnescapePath(path); err != nil {
			return err
		}
		if m.Version, err = module.UnescapeVersion(version); err != nil {
			return err
		}
		found[m] = true
		return filepath.SkipDir
	})
}

// keepTexts copies the licenses of a module from the caches, and returns all that are kept.
func (i image) keepTexts(m module.Version) ([][]byte, error) {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return nil, err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return nil, err
	}
	name := path + "@" + version
	to := filepath.Join(i.path(i.out), "licenses", "go", filepath.FromSlash(name))
	for _, cache := range i.modules {
		files, err := licenseFiles(filepath.Join(i.path(cache), filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			copied := filepath.Join(to, filepath.Base(file))
			if has, err := os.ReadFile(copied); err == nil && string(has) == string(data) {
				continue // a layer holds a copy of each file that it changes
			}
			if err := os.MkdirAll(to, 0o755); err != nil {
				return nil, err
			}
			if err := os.WriteFile(copied, data, 0o644); err != nil {
				return nil, err
			}
		}
	}
	return readLicenses(to)
}

// toolchain returns the Go toolchain, if there is one.
func (i image) toolchain() ([]part, error) {
	dir := i.path("usr/local/go")
	data, err := os.ReadFile(filepath.Join(dir, "VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	version := strings.TrimPrefix(strings.Fields(string(data))[0], "go")
	texts, err := readLicenses(dir)
	if err != nil {
		return nil, err
	}
	return []part{{"generic", "go", version, recognize(texts), fmt.Sprintf("pkg:generic/go@%s", version)}}, nil
}
