//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"errors"

	"github.com/gomlx/compute"
)

// linked reports whether this program holds the XLA binding. go-xla does not compile without cgo.
const linked = false

var errNotLinked = errors.New("built without XLA")

func newXLA(string) (compute.Backend, error) { return nil, errNotLinked }

func installXLA() error { return errNotLinked }
