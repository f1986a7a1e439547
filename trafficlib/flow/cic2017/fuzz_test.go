package cic2017

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad loads arbitrary JSON: it is refused in one line, or makes a table with the label of each
// flow.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"preview":false,"results":[{"label":"BENIGN","flow_duration":"1","source_ip":"10.0.0.1"}]}`))
	f.Add([]byte(`[{"label":"DDoS","flow_duration":["1","2"],"protocol":"6"},{"label":"BENIGN"}]`))
	f.Add([]byte(`{"label":{"0":"BENIGN","1":"x"},"flow_duration":{"0":"2","1":null}}`))
	dir := f.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "trafficlab-fuzz-"); err == nil { // no waiting for a disk there
		dir = shm
		f.Cleanup(func() { os.RemoveAll(shm) })
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 { // more of the same
			return
		}
		path := filepath.Join(dir, "a.json")
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		flows, err := Load(quiet(), filepath.Join(dir, "a.arrow"), keep, path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		defer flows.Close()
		if n := len(flows.Strings("label")); n != flows.NumRows() || n == 0 {
			t.Errorf("%d labels of %d flows", n, flows.NumRows())
		}
	})
}
