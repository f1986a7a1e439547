package gobuild

import (
	"path/filepath"
	"runtime/debug"
	"strings"
)

// The marks around the module information in a program, as the go command writes them.
const (
	infoStart = "0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"
	infoEnd   = "\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2"
)

// info returns the build information of a program, as the go command would write it.
func (w *environment) info(dir string, modules []*module) *debug.BuildInfo {
	name := filepath.Base(dir)
	info := &debug.BuildInfo{Path: name, Main: debug.Module{Path: name, Version: "(devel)"}}
	for _, m := range modules {
		d := &debug.Module{Path: m.Path, Version: m.Version, Sum: m.Sum}
		if m.Version == "" {
			d.Version = "(devel)"
		}
		if m.Replace != nil {
			d.Replace = &debug.Module{Path: m.Replace.Path, Version: m.Replace.Version, Sum: m.Replace.Sum}
			d.Sum = ""
		}
		info.Deps = append(info.Deps, d)
	}
	add := func(key, value string) {
		info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
	}
	add("-buildmode", "exe")
	add("-compiler", "gc")
	if len(w.flags.link) > 0 {
		add("-ldflags", strings.Join(w.flags.link, " "))
	}
	add("CGO_ENABLED", w.settings["CGO_ENABLED"])
	add("GOARCH", w.settings["GOARCH"])
	if x := w.settings["GOEXPERIMENT"]; x != "" {
		add("GOEXPERIMENT", x)
	}
	add("GOOS", w.settings["GOOS"])
	for _, name := range []string{"GOAMD64", "GOARM64"} {
		if v := w.settings[name]; v != "" && strings.HasPrefix(strings.ToLower(name[2:]), w.settings["GOARCH"][:3]) {
			add(name, v)
		}
	}
	return info
}

// goVersion returns the version as the compiler takes it, without experiments.
func goVersion(v string) string {
	v, _, _ = strings.Cut(v, " ")
	v, _, _ = strings.Cut(v, "-X:")
	return v
}
