package device

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// dataDir is the flag of XLA for the folder of CUDA's compiler, which holds bin/ptxas and
// nvvm/libdevice.
const dataDir = "--xla_gpu_cuda_data_dir="

// forCUDA returns how to load a plugin for NVIDIA GPUs: the path, and the variables to set first.
// For any other plugin it returns the path unchanged.
//
// The plugin of a Python wheel looks for CUDA's libraries relative to its own path, in a folder
// nvidia/ one or two levels up, as the wheels of NVIDIA are laid out. So a symbolic link, such as
// that of setup, must be resolved first. XLA would look for CUDA's compiler in /usr/local/cuda,
// hence XLA_FLAGS. go-xla would warn that nothing is where its own installer puts things, hence
// GOPJRT_CUDA_CHECKS. Variables that the user has set stay as they are.
func forCUDA(path string, getenv func(string) string) (file string, set map[string]string) {
	if m := pluginName.FindStringSubmatch(filepath.Base(path)); m == nil || !strings.HasPrefix(m[1]+m[2]+m[3], "cuda") {
		return path, nil
	}
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path, nil
	}
	for _, above := range []string{"../..", ".."} {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(file), above, "nvidia", "cu[0-9]*"))
		found = slices.DeleteFunc(found, func(dir string) bool {
			_, err := os.Stat(filepath.Join(dir, "nvvm", "libdevice"))
			return err != nil
		})
		if len(found) == 0 {
			continue
		}
		set = map[string]string{}
		if getenv("GOPJRT_CUDA_CHECKS") == "" {
			set["GOPJRT_CUDA_CHECKS"] = "no"
		}
		if flags := getenv("XLA_FLAGS"); !strings.Contains(flags, dataDir) {
			set["XLA_FLAGS"] = strings.TrimSpace(flags + " " + dataDir + found[len(found)-1])
		}
		return file, set
	}
	return file, nil
}
