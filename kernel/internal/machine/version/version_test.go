package version

import (
	"os"
	"regexp"
	"testing"
)

// The changelog begins with this version, or with what is not released yet and then this version.
func TestChangelog(t *testing.T) {
	text, err := os.ReadFile("../../../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$`).FindSubmatch(text)
	if m == nil || string(m[1]) != Version {
		t.Errorf("CHANGELOG.md: the newest version is %q, want %s", m, Version)
	}
}

// The image is labeled with this version by default.
func TestImage(t *testing.T) {
	text, err := os.ReadFile("../../../../docker/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^ARG VERSION=` + regexp.QuoteMeta(Version) + "$").Match(text) {
		t.Errorf("docker/Dockerfile has no line ARG VERSION=%s", Version)
	}
}
