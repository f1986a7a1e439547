// Package home locates the folder where the setup command installs tools, Python environments and
// the PJRT plugin for this user. The kernel command fills it, and package device looks for the
// plugin there.
package home

import (
	"fmt"
	"os"
	"path/filepath"
)

// Dir returns the folder: the value of TRAFFICLAB_HOME or, if that is not set, "trafficlab" in the
// cache folder of the user. It may not exist.
func Dir() (string, error) {
	if dir := os.Getenv("TRAFFICLAB_HOME"); dir != "" {
		return filepath.Abs(dir)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for this user (set TRAFFICLAB_HOME to one): %w", err)
	}
	return filepath.Join(cache, "trafficlab"), nil
}

// Plugin returns the path where setup installs the PJRT plugin for the CPU. It may not exist.
//
// go-xla recognizes a plugin for the CPU by its path, so the name is the one that XLA uses.
func Plugin() (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "pjrt", "pjrt_c_api_cpu_plugin.so"), nil
}
