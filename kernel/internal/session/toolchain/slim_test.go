package toolchain

import (
	"strings"
	"testing"
)

// The other architectures are left out of the installed Go.
func TestSlim(t *testing.T) {
	files := map[string]string{}
	slim(goroot(t), files)
	for _, name := range []string{"cmd/compile/main.go", "cmd/link/main.go"} {
		if text := files[name]; !strings.Contains(text, "internal/amd64") || strings.Contains(text, "arm64") {
			t.Errorf("%s became %q", name, text)
		}
	}
	if text := files["cmd/compile/internal/ssa/rewriteARM64.go"]; !strings.Contains(text,
		"func rewriteValueARM64(v *Value) bool") {
		t.Errorf("the rules of arm64 became %q", text)
	}
	if files["cmd/compile/internal/ssa/rewriteAMD64.go"] != "" || len(files) < 15 {
		t.Errorf("%d files", len(files))
	}
}

// Source that does not look as expected is left alone.
func TestSlimUnknown(t *testing.T) {
	for _, source := range []string{"", "package main\n\nimport \"cmd/link/internal/arm\"\n\nvar x = arm.Init\n"} {
		if got := withoutArchitectures(source); got != "" {
			t.Errorf("%q became %q", source, got)
		}
	}
	for _, source := range []string{"no Go", "package ssa\n\nvar x int\n", "package ssa\n\nfunc other() {}\n"} {
		if got := withoutRules(source); got != "" {
			t.Errorf("%q became %q", source, got)
		}
	}
}
