// Package home names the folder in which the setup command keeps what it installs for this user: the tools, the
// Python environment and the PJRT plugin. The kernel command fills it and package device looks into it.
package home

import (
	"fmt"
	"os"
	"path/filepath"
)

// Dir gives the folder: what TRAFFICLAB_HOME says, else "trafficlab" in the user's cache folder. It may not exist.
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

// Plugin gives the path of the PJRT CPU plugin that setup installs, whether it is there or not.
//
// go-xla tells a CPU plugin from a GPU plugin by its path, so the name is the one that XLA itself uses.
func Plugin() (string, error) {
	dir, err := Dir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "pjrt", "pjrt_c_api_cpu_plugin.so"), nil
}
