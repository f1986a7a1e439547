package home

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestDir(t *testing.T) {
	t.Setenv("TRAFFICLAB_HOME", "here")
	if dir, err := Dir(); err != nil || !filepath.IsAbs(dir) || filepath.Base(dir) != "here" {
		t.Errorf("Dir() = %q, %v", dir, err)
	}
	// go-xla recognizes a plugin for the CPU by its path.
	if p, err := Plugin(); err != nil || !strings.Contains(filepath.Base(p), "cpu") {
		t.Errorf("Plugin() = %q, %v", p, err)
	}
	t.Setenv("TRAFFICLAB_HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if dir, err := Dir(); err == nil || !strings.Contains(err.Error(), "TRAFFICLAB_HOME") {
		t.Errorf("without a home: %q, %v", dir, err)
	}
}
