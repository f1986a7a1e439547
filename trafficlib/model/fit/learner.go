package fit

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// A learner is a model on a device: its weights, the optimizer's tensors, and the compiled step
// that changes them.
type learner struct {
	stepGraph
	backend compute.Backend
	program *programs.Program
	size    int // of a batch; smaller ones are filled up; 0 leaves them as they are

	// The weights in the order of params, then for each the optimizer's slots.
	tensors []*tensors.Tensor
}

func newLearner(backend compute.Backend, model rnn.Model, c Config, from *snapshot.Snapshot) (*learner, error) {
	g := stepGraph{model: model, params: model.Params(), objective: c.objective(), optimizer: c.rule(),
		clipNorm: c.ClipNorm}
	l := &learner{backend: backend}
	var err error
	if g.rates, err = c.rates(g.params); err != nil {
		return nil, err
	}
	key, err := g.key()
	if err != nil {
		return nil, err
	}
	l.stepGraph, l.program = g, programs.New(backend, key, g.graph)
	for _, p := range l.params {
		l.tensors = append(l.tensors, toTensor(from.Weights[p.Name]))
	}
	for _, p := range l.params {
		for _, slot := range l.slots() {
			t, ok := from.Slots[p.Name+"/"+slot]
			if !ok {
				t = snapshot.Tensor{Shape: p.Shape, Data: make([]float32, len(from.Weights[p.Name].Data))}
			}
			if len(t.Data) != len(from.Weights[p.Name].Data) {
				return nil, fmt.Errorf("fit: snapshot %s: optimizer tensor %q is %v, its weight is %v",
					from.Path, p.Name+"/"+slot, t.Shape, p.Shape)
			}
			l.tensors = append(l.tensors, toTensor(t))
		}
	}
	return l, nil
}

func toTensor(t snapshot.Tensor) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(t.Data, t.Shape...)
}

// step takes one optimizer step on a batch, with the factors and the key of that step, and returns
// the loss of the batch before it, and how many of its target steps were right. If a value becomes
// NaN or infinite, the error is a notFinite and the tensors are unchanged.
func (l *learner) step(b seq.Batch, factors []float32, key [2]uint32) (loss, right float64, err error) {
	if err := checkInput(l.model, b); err != nil {
		return 0, 0, err
	}
	b = filled(b, l.size)
	data := toTensors(b)
	defer data.free()
	bad := -1
	err = try("training step", func() error {
		args := make([]any, 0, len(l.tensors)+2+len(data))
		for _, t := range l.tensors {
			// A step replaces its inputs, so that the device may write the new values over the old.
			donated, err := graph.DonateTensorBuffer(t, l.backend, 0)
			if err != nil {
				return err
			}
			args = append(args, donated)
		}
		args = append(args, factors, key[:])
		out, err := l.program.Call(shapeOf(b), data.addTo(args)...)
		if err != nil {
			return err
		}
		last := len(out) - 1
		l.tensors = out[:last:last]
		report, err := tensors.CopyFlatData[float32](out[last])
		if err != nil {
			return err
		}
		out[last].MustFinalizeAll()
		loss, right = float64(report[0]), float64(report[1])
		bad = slices.Index(report[2:], 0)
		return nil
	})
	if err == nil && bad >= 0 {
		err = notFinite{l.checked(bad)}
	}
	return loss, right, err
}

// values copies the tensors from the device.
func (l *learner) values() (weights, slots snapshot.Tensors, err error) {
	weights, slots = snapshot.Tensors{}, snapshot.Tensors{}
	err = try("read the weights", func() error {
		for i, t := range l.tensors {
			flat, err := tensors.CopyFlatData[float32](t)
			if err != nil {
				return err
			}
			if i < len(l.params) {
				weights[l.params[i].Name] = snapshot.Tensor{Shape: l.params[i].Shape, Data: flat}
				continue
			}
			k := i - len(l.params)
			slots[l.slot(k)] = snapshot.Tensor{Shape: l.params[k/len(l.slots())].Shape, Data: flat}
		}
		return nil
	})
	return weights, slots, err
}

// weights are the tensors of the model alone.
func (l *learner) weights() []*tensors.Tensor { return l.tensors[:len(l.params)] }

// close frees the device memory, but for what was compiled.
func (l *learner) close() {
	l.program.Close()
	for _, t := range l.tensors {
		_ = t.FinalizeAll() // a tensor that a failed step has consumed is gone already
	}
}
