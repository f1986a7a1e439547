//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// linked reports whether this program holds the XLA binding.
const linked = true

func newXLA(config string) (compute.Backend, error) { return xla.New(config) }

func installXLA() error { return xla.AutoInstall() }
