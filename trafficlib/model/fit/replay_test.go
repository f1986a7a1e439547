package fit_test

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot/exchange"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// TestReplay scores the 14 TrickBot sessions with the published weights of the original, and
// compares each session's mean cosine with the published one.
func TestReplay(t *testing.T) {
	dir := shareddata.Dir(t, "tls_attack_146")
	file := func(name string) string { return filepath.Join(dir, name) }
	weights, err := exchange.ReadKeras(file("derived_normal_expt_2019-04-28_19-18-34.npz"))
	if err != nil {
		t.Fatal(err)
	}
	published, err := fit.Import(rnn.Forecaster{Features: 146, Gates: rnn.HardSigmoidGates, Output: rnn.ReLU}, weights)
	if err != nil {
		t.Fatal(err)
	}
	encoder, err := encode.ReadMinMax(file("features_minmax_malware_2019-06-22_16-37-09.csv"))
	if err != nil {
		t.Fatal(err)
	}
	set := sessions(t, file("malware_features_tls_2019-06-22_16-37-09_1.csv"))

	// The original splits by NumPy's permutation, and keeps the order of the file within each part.
	order := seq.Permutation(set.Len(), 2019)
	if want := []int{7, 1, 3, 9, 0, 12, 4, 11, 10, 6, 13, 5, 2, 8}; !slices.Equal(order, want) {
		t.Fatalf("the permutation is %v, want %v", order, want)
	}
	parts := map[string][]int{"train": slices.Sorted(slices.Values(order[:13])), "val": order[13:]}
	mean := map[string]float64{"train": 0.7700111, "val": 0.8041432}

	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for part, index := range parts {
			examples := seq.NextStep{Set: set.Subset(index), SequenceLen: 100, Transform: encoder.Clip()}
			results, err := fit.Evaluate(context.Background(), b, published, examples)
			if err != nil {
				t.Fatal(err)
			}
			got := results.Cosine(100)
			want := column(t, file("golden_predict_on_malware_"+part+"_results.csv"))
			if len(got) != len(want) {
				t.Fatalf("%s: %d sessions, published are %d", part, len(got), len(want))
			}
			for i := range want {
				if d := math.Abs(got[i] - want[i]); !(d <= 1e-6) {
					t.Errorf("%s session %d: mean cosine %.9f, published %.9f", part, index[i], got[i], want[i])
				}
			}
			if m := score.Mean(got); !(math.Abs(m-mean[part]) <= 1e-6) {
				t.Errorf("%s: mean %.7f, published %.7f", part, m, mean[part])
			}
		}
	})
}

// sessions reads a session file.
func sessions(t *testing.T, path string) *seq.Set {
	t.Helper()
	set, err := tlsfeat.Import(t.Context(), filepath.Join(t.TempDir(), "sessions.arrow"), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return set
}

// column reads a file of numbers, one on each line.
func column(t *testing.T, path string) (values []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		v, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		values = append(values, v)
	}
	return values
}
