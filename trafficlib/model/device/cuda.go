package device

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// dataDir is XLA's flag for the folder of CUDA's compiler parts: bin/ptxas and nvvm/libdevice.
const dataDir = "--xla_gpu_cuda_data_dir="

// forCUDA says how a plugin for NVIDIA GPUs is to be loaded: by which path, and with which variables set beforehand.
// Of any other plugin it gives the path back.
//
// The plugin of a wheel looks for CUDA's libraries beside itself, as NVIDIA's wheels lay them out: in folders of nvidia/
// one or two above its own. That goes by the path that it is loaded by, so a link, such as setup's, is followed first.
// XLA itself would look for the compiler parts in /usr/local/cuda, and go-xla warns that there is nothing where its own
// installer would have put it. What the user has set stays.
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
