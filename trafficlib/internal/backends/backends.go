// Package backends runs a test on each backend that trafficlib supports.
package backends

import (
	"os"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

// Each runs test on the pure-Go backend and on XLA for the CPU, as subtests "go" and "xla". Without
// a PJRT plugin it skips the second, or fails if TRAFFICLAB_ALL is set. With -short it skips the
// second too, because XLA takes seconds to compile each graph. Tests that are about XLA itself call
// XLA.
func Each(t *testing.T, test func(t *testing.T, b compute.Backend)) {
	t.Helper()
	t.Run("go", func(t *testing.T) { test(t, open(t, "go")) })
	t.Run("xla", func(t *testing.T) {
		if testing.Short() {
			t.Skip("XLA compiles for seconds; go test without -short runs this on XLA too")
		}
		test(t, XLA(t))
	})
}

// Go opens the pure-Go backend, for tests that need not run on both.
func Go(t testing.TB) compute.Backend {
	t.Helper()
	return open(t, "go")
}

// One opens XLA for the CPU, or with -short the pure-Go backend, for tests that need not run on
// both.
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
		why = "built without XLA, which needs cgo and a C compiler"
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

// opened holds the backends of the process by name: starting one for each test would take most of
// its time.
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
