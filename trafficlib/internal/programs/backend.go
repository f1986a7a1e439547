package programs

import "github.com/gomlx/compute"

// Opened returns the backend itself, or the one that it stands for: device.Any is opened here, so
// that its error is that of the work it was needed for. It is this package's since whatever runs
// graphs imports it, and package device, which links XLA, is imported by none of them.
func Opened(b compute.Backend) (compute.Backend, error) {
	if u, ok := b.(interface {
		Open() (compute.Backend, error)
	}); ok {
		return u.Open()
	}
	return b, nil
}
