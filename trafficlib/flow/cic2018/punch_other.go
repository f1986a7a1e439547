//go:build !linux

package cic2018

import "os"

func punch(*os.File, int64, int64) {}
