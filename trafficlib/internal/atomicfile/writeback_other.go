//go:build !linux

package atomicfile

import "os"

// writeBack does nothing, because there is no portable way to ask for it.
func writeBack(*os.File, int64, int64) {}
