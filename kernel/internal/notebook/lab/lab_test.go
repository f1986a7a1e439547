package lab

import "testing"

// A path can be pasted into a shell, whatever it contains.
func TestQuoted(t *testing.T) {
	for path, want := range map[string]string{
		"/home/me/.cache/trafficlab/venv/bin/tensorboard": "/home/me/.cache/trafficlab/venv/bin/tensorboard",
		"/home/é/x":         "/home/é/x",
		"/my files/it's $1": `'/my files/it'\''s $1'`,
	} {
		if got := quoted(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
