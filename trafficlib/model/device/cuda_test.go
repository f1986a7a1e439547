package device

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// site creates files where the wheels of the plugin and of CUDA have them, and links the plugin as
// setup does.
func site(t *testing.T, files ...string) (site, link string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	site = filepath.Join(root, "site-packages")
	for _, name := range append(files, "jax_plugins/xla_cuda13/xla_cuda_plugin.so") {
		path := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	link = filepath.Join(root, "pjrt", "pjrt_c_api_cuda_plugin.so")
	if err := os.Mkdir(filepath.Dir(link), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(site, "jax_plugins/xla_cuda13/xla_cuda_plugin.so"), link); err != nil {
		t.Fatal(err)
	}
	return site, link
}

func TestForCUDA(t *testing.T) {
	const (
		libdevice = "nvidia/cu13/nvvm/libdevice/libdevice.10.bc"
		flag      = "--xla_gpu_cuda_data_dir=SITE/nvidia/cu13"
	)
	both := func(flags string) map[string]string {
		return map[string]string{"GOPJRT_CUDA_CHECKS": "no", "XLA_FLAGS": flags}
	}
	none := map[string]string(nil)
	for name, c := range map[string]struct {
		files []string
		env   map[string]string
		want  map[string]string // SITE stands for the folder of the wheels
	}{
		"wheels": {[]string{libdevice}, none, both(flag)},
		"the newer of two": {
			[]string{libdevice, "nvidia/cu12/nvvm/libdevice/libdevice.10.bc"}, none, both(flag),
		},
		"other flags": {
			[]string{libdevice}, map[string]string{"XLA_FLAGS": "--xla_dump_to=/d"}, both("--xla_dump_to=/d " + flag),
		},
		"the user's": {
			[]string{libdevice},
			map[string]string{"XLA_FLAGS": "--xla_gpu_cuda_data_dir=/usr/local/cuda", "GOPJRT_CUDA_CHECKS": "yes"},
			map[string]string{},
		},
		"CUDA of the machine": {nil, none, none},
		"only libraries":      {[]string{"nvidia/cu13/lib/libcublas.so.13"}, none, none},
	} {
		site, link := site(t, c.files...)
		file, set := forCUDA(link, func(name string) string { return c.env[name] })
		if want := filepath.Join(site, "jax_plugins/xla_cuda13/xla_cuda_plugin.so"); file != want {
			t.Errorf("%s: loaded as %s, want %s", name, file, want)
		}
		want := maps.Clone(c.want)
		for k, v := range want {
			want[k] = strings.ReplaceAll(v, "SITE", site)
		}
		if !maps.Equal(set, want) {
			t.Errorf("%s: sets %v, want %v", name, set, want)
		}
	}
	// The plugin for the CPU is loaded by the path given.
	link := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.Symlink("elsewhere", link); err != nil {
		t.Fatal(err)
	}
	if file, set := forCUDA(link, os.Getenv); file != link || set != nil {
		t.Errorf("plugin for the CPU: %s, %v", file, set)
	}
}

// TestPluginsOfSetup checks that Plugins finds the plugin that setup links.
func TestPluginsOfSetup(t *testing.T) {
	_, link := site(t)
	t.Setenv("TRAFFICLAB_HOME", filepath.Dir(filepath.Dir(link)))
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", filepath.Join(t.TempDir(), "empty"))
	found := Plugins()
	if len(found) != 1 || found[0].Name != "cuda" || found[0].Path != link || found[0].Err == nil { // the file is empty
		t.Errorf("Plugins() = %v", found)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", filepath.Dir(link))
	if found := Plugins(); len(found) != 1 || found[0].Name != "cuda" {
		t.Errorf("the same folder named twice: %v", found)
	}
}
