package fit_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot/exchange"
)

// TestGoldenTraining trains for ten steps from PyTorch's initial weights, on its ragged batch, and
// compares the losses and the final weights. testdata/golden_training.py describes the model.
func TestGoldenTraining(t *testing.T) {
	for cell, c := range map[rnn.Cell]fit.Config{
		rnn.LSTM: {Optimizer: fit.SGD, LearningRate: 0.2, Momentum: 0.9},
		rnn.GRU:  {Optimizer: fit.AdamW, LearningRate: 0.02, WeightDecay: 0.1},
	} {
		all, err := snapshot.ReadSafetensors("testdata/golden_" + string(cell) + ".safetensors")
		if err != nil {
			t.Fatal(err)
		}
		input, start, end := snapshot.Tensors{}, snapshot.Tensors{}, snapshot.Tensors{}
		for name, tensor := range all {
			if rest, ok := strings.CutPrefix(name, "input/"); ok {
				input[rest] = tensor
			} else if rest, ok := strings.CutPrefix(name, "end/"); ok {
				end[rest] = tensor
			} else {
				start[name] = tensor
			}
		}
		names := exchange.Names{"rnn": string(cell), "fc": "dense"}
		if start, err = exchange.FromTorch(start, names); err != nil {
			t.Fatal(err)
		}
		if end, err = exchange.FromTorch(end, names); err != nil {
			t.Fatal(err)
		}
		from, err := fit.Import(rnn.Classifier{Cell: cell, Features: 3, Hidden: 4, Classes: 3, Layers: 2,
			Bidirectional: true}, start)
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]float32
		var class []int
		x := input["x"]
		for i, n := range input["lengths"].Data {
			rows = append(rows, x.Data[i*x.Shape[1]*3:][:int(n)*3])
			class = append(class, int(input["class"].Data[i]))
		}
		ex := seq.Labeled{Set: seq.New(3, rows...), Classes: 3, Class: class}
		c.Loss, c.Steps, c.Buckets = fit.CrossEntropy, 10, 1
		t.Run(string(cell), func(t *testing.T) {
			backends.Each(t, func(t *testing.T, b compute.Backend) {
				c.Dir = t.TempDir()
				run, err := fit.Train(quiet(t), b, from, ex, c)
				if err != nil {
					t.Fatal(err)
				}
				for k, p := range run.Snapshot.History {
					if want := float64(input["losses"].Data[k]); !(math.Abs(p.Train.Loss-want) <= 1e-5*want) {
						t.Errorf("step %d: loss %v, want %v", k+1, p.Train.Loss, want)
					}
				}
				for name, want := range end {
					var size, diff float64
					for i, v := range want.Data {
						size = math.Max(size, math.Abs(float64(v)))
						diff = math.Max(diff, math.Abs(float64(v)-float64(run.Snapshot.Weights[name].Data[i])))
					}
					if !(diff <= 1e-5*size) {
						t.Errorf("after ten steps %s differs by %.2g", name, diff/size)
					}
				}
			})
		})
	}
}
