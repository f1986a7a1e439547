// Package backends runs a test on each backend that trafficlib supports.
package backends

import (
	"os"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

// Each runs test on the pure-Go backend and on XLA for the CPU, as subtests "go" and "xla". Without a PJRT plugin
// the second is skipped, or fails when TRAFFICLAB_ALL is set. It is skipped under -short too: XLA compiles each graph
// for seconds, and what a test asserts of a model holds on either backend. What is XLA's own calls XLA, also then.
func Each(t *testing.T, test func(t *testing.T, b compute.Backend)) {
	t.Helper()
	t.Run("go", func(t *testing.T) { test(t, open(t, "go")) })
	t.Run("xla", func(t *testing.T) {
		if testing.Short() {
			t.Skip("-short: XLA compiles for seconds; go test without it runs this on XLA too")
		}
		test(t, XLA(t))
	})
}

// Go opens the pure-Go backend, for what need not run on both.
func Go(t testing.TB) compute.Backend {
	t.Helper()
	return open(t, "go")
}

// One opens XLA for the CPU, for what need not run on both, and the pure-Go backend under -short.
func One(t testing.TB) compute.Backend {
	t.Helper()
	if testing.Short() {
		return open(t, "go")
	}
	return XLA(t)
}

// XLA opens XLA for the CPU, or skips the test.
func XLA(t testing.TB) compute.Backend {
	t.Helper()
	why := "no PJRT CPU plugin: `go run ./kernel setup` installs one"
	if !device.HasXLA() {
		why = "built without XLA: it needs cgo, so a C compiler"
	}
	for _, p := range device.Plugins() {
		if device.HasXLA() && p.Name == "cpu" && p.Err == nil {
			return open(t, "xla:"+p.Path)
		}
	}
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return nil
}

// One client of a plugin serves all tests of a package: starting one for each test would be most of its time.
var opened = map[string]compute.Backend{}

func open(t testing.TB, name string) compute.Backend {
	t.Helper()
	if b, ok := opened[name]; ok {
		return b
	}
	b, err := device.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	opened[name] = b
	return b
}
