package exchange

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npz"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

func TestReadKerasPublished(t *testing.T) {
	ts, err := ReadKeras(shareddata.Dir(t, "tls_attack_146", "derived_normal_expt_2019-04-28_19-18-34.npz"))
	if err != nil {
		t.Fatal(err)
	}
	if n := ts.Size(); n != 171112 { // as the original's own summary has it
		t.Errorf("%d weights, want 171,112", n)
	}
	for name, tensor := range ts {
		for i, v := range tensor.Data {
			if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 100 {
				t.Fatalf("%s[%d] = %v", name, i, v)
			}
		}
	}
}

func TestReadKeras(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, arrays map[string]any) string {
		path := filepath.Join(dir, name)
		w, err := npz.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		for key, v := range arrays {
			if err := w.Write(key, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lstm := snapshot.Tensors{
		"kernel":           {Shape: []int{3, 8}, Data: make([]float32, 24)},
		"recurrent_kernel": {Shape: []int{2, 8}, Data: make([]float32, 16)},
		"bias":             {Shape: []int{8}, Data: make([]float32, 8)},
	}
	good := filepath.Join(dir, "good.safetensors")
	f, err := os.Create(good)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := snapshot.WriteSafetensors(f, lstm); err != nil {
		t.Fatal(err)
	}
	if ts, err := ReadKeras(good); err != nil || ts["lstm/recurrent_kernel"].Shape[0] != 2 {
		t.Errorf("safetensors: %v, %v", ts, err)
	}
	cut := filepath.Join(dir, "cut.npz")
	if err := os.WriteFile(cut, []byte("PK\x03\x04 and no more"), 0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		write("flat.npz", map[string]any{"kernel": make([]float32, 24), "recurrent_kernel": make([]float32, 16),
			"bias": make([]float32, 8)}): "do not form an LSTM",
		write("less.npz", map[string]any{"kernel": make([]float64,
			24)}): `no tensor "recurrent_kernel"`,
		write("ints.npz", map[string]any{"kernel": make([]int32,
			24)}): "has type",
		cut:                              "cut.npz",
		filepath.Join(dir, "gone.npz"):   "gone.npz",
		filepath.Join(dir, "weights.h5"): ".npz or .safetensors",
	} {
		if _, err := ReadKeras(path); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", filepath.Base(path), err, want)
		}
	}
}
