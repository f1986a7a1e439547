package fit_test

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

var writeOrder = flag.Bool("write-order", false,
	"write testdata/golden_embedding.json, which golden_embedding.py reads")

// watcher records the points that it gets.
type watcher struct{ moments []fit.Checkpoint }

func (w *watcher) Point(m fit.Checkpoint) error {
	w.moments = append(w.moments, m)
	return nil
}

// TestGoldenEmbedding trains notebook 5's model for twenty steps from Keras' initial weights, on
// the same batches. The losses, accuracies and validation of each step equal Keras', and so do the
// final weights in the snapshot. testdata/golden_embedding.py wrote them.
func TestGoldenEmbedding(t *testing.T) {
	order := seq.Order{BatchSize: 16, Shuffle: true, Seed: 1}
	var epochs [][][]int
	for order.Epoch = range 4 {
		epochs = append(epochs, order.Indices(80))
	}
	if *writeOrder {
		text, err := json.Marshal(epochs)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/golden_embedding.json", append(text, '\n'), 0o666); err != nil {
			t.Fatal(err)
		}
		t.Skip("the order is written")
	}
	text, err := os.ReadFile("testdata/golden_embedding.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden [][][]int
	if err := json.Unmarshal(text, &golden); err != nil || !reflect.DeepEqual(golden, epochs) {
		t.Fatalf("the batches are not those of Keras: %v", err)
	}
	all, err := snapshot.ReadSafetensors("testdata/golden_embedding.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	start, end := snapshot.Tensors{}, snapshot.Tensors{}
	for name, tensor := range all {
		if rest, ok := strings.CutPrefix(name, "end/"); ok {
			end[rest] = tensor
		} else if !strings.HasPrefix(name, "input/") {
			start[name] = tensor
		}
	}
	examples := func(ids, labels snapshot.Tensor) seq.Labeled {
		ex := seq.Labeled{Classes: 1}
		var rows [][]float32
		for i, label := range labels.Data {
			rows = append(rows, ids.Data[i*12:][:12])
			ex.Class = append(ex.Class, int(label))
		}
		ex.Set = seq.New(1, rows...)
		return ex
	}
	train, valid := examples(all["input/ids"], all["input/labels"]),
		examples(all["input/valid_ids"], all["input/valid_labels"])
	model := rnn.Classifier{Vocabulary: 30, Features: 32, Hidden: 32, Classes: 1, Output: rnn.SigmoidOutput}
	from, err := fit.Import(model, start)
	if err != nil {
		t.Fatal(err)
	}
	near := func(t *testing.T, what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-4*math.Max(1, math.Abs(want))) {
			t.Errorf("%s %v, want %v", what, got, want)
		}
	}
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		w := &watcher{}
		dir := t.TempDir()
		run, err := fit.Train(quiet(t), b, from, train, fit.Config{
			Dir: dir, Epochs: 4, BatchSize: 16, Optimizer: fit.RMSProp, Loss: fit.BinaryCrossEntropy, Seed: 1, EvalEvery: 1,
			Validation: valid, Callbacks: w,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Snapshot.History) != 20 || len(w.moments) != 20 {
			t.Fatalf("%d points, %d moments", len(run.Snapshot.History), len(w.moments))
		}
		for k, p := range run.Snapshot.History {
			near(t, "loss", p.Train.Loss, float64(all["input/losses"].Data[k]))
			near(t, "accuracy", *p.Train.Accuracy, float64(all["input/accuracies"].Data[k]))
			if k%5 == 4 {
				near(t, "validation loss", p.Valid.Loss, float64(all["input/valid"].Data[k/5*2]))
				near(t, "validation accuracy", *p.Valid.Accuracy, float64(all["input/valid"].Data[k/5*2+1]))
			}
		}
		opened, err := snapshot.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range end {
			for i, v := range want.Data {
				got := opened.Weights[name].Data[i]
				if math.Abs(float64(got-v)) > 1e-4 || got != w.moments[19].Weights[name].Data[i] {
					t.Fatalf("%s[%d] is %v, and %v when watched, want %v", name, i, got, w.moments[19].Weights[name].Data[i], v)
				}
			}
		}
		// The model that the snapshot restores has the accuracy of the last point.
		res, err := fit.Evaluate(quiet(t), b, opened, valid)
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := res.Accuracy(); !ok || a != *opened.History[19].Valid.Accuracy {
			t.Errorf("accuracy %v, %v", a, ok)
		}
		// An id out of range is refused in one line, and never gets to the device.
		train.Set = seq.New(1, []float32{0, 30})
		train.Class = []int{1}
		_, err = fit.Train(quiet(t), b, from, train, fit.Config{Dir: t.TempDir(), Loss: fit.BinaryCrossEntropy})
		if err == nil || !strings.Contains(err.Error(), "example 0: rnn: value 1 of the input is 30, which is not an id") {
			t.Errorf("%v", err)
		}
		train = examples(all["input/ids"], all["input/labels"])
	})
}
