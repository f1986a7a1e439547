//go:build !linux

package flowtable

import "os"

func punch(*os.File, int64, int64) {}
