package host

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTags(t *testing.T) {
	for flags, want := range map[string]string{
		"":                                      "trafficlabhost",
		"'-ldflags=-s -w' -buildvcs=false":      "trafficlabhost",
		"'-ldflags=-s -w' -tags=noxla,x -trace": "noxla,x,trafficlabhost",
		"--tags=noxla":                          "noxla,trafficlabhost",
	} {
		if got := tags([]string{"GOFLAGS=-tags=old", "GOFLAGS=" + flags, "X=1"}); got != want {
			t.Errorf("%s: got %s, want %s", flags, got, want)
		}
	}
}

// Files that are not archives with export data are refused.
func TestExports(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	for content, want := range map[string]string{
		"": "", "no archive, but long enough to be one: its first file would be at offset eight, with sixty bytes": "",
		"!<arch>\n__.PKGDEF       0           0     0     644     5         " +
			"`\nabcde\x00_go_.o": "!<arch>\n__.PKGDEF       0           0     0     644     5         `\nabcde\x00",
		"!<arch>\n__.PKGDEF       0           0     0     644     9         `\nabcde": "",
	} {
		if err := os.WriteFile(from, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(to)
		err := exports(to, from)
		got, _ := os.ReadFile(to)
		if (err == nil) != (want != "") || string(got) != want {
			t.Errorf("%q: got %q, %v", content, got, err)
		}
	}
}
