//go:build !linux

package cicids

import "os"

func punch(*os.File, int64, int64) {}
