package fit

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
	"github.com/trafficlab/trafficlab/trafficlib/snapshot"
)

// learner is a model on a device: its weights, the optimizer's tensors, and the compiled step that changes them.
type learner struct {
	backend   compute.Backend
	model     rnn.Model
	params    []rnn.Param
	objective objective
	optimizer rule
	rates     []float64 // of params, as multiples of the learning rate
	clipNorm  float64
	size      int // of a batch; smaller ones are filled up. 0 leaves them
	exec      *Exec

	// The weights in the order of params, then for each the optimizer's slots.
	tensors []*tensors.Tensor
}

func newLearner(backend compute.Backend, model rnn.Model, c Config, from *snapshot.Snapshot) (*learner, error) {
	l := &learner{backend: backend, model: model, params: model.Params(), objective: c.objective(), optimizer: c.rule(), clipNorm: c.ClipNorm}
	var err error
	if l.rates, err = c.rates(l.params); err != nil {
		return nil, err
	}
	for _, p := range l.params {
		l.tensors = append(l.tensors, toTensor(from.Weights[p.Name]))
	}
	for _, p := range l.params {
		for _, slot := range l.optimizer.slots() {
			t, ok := from.Slots[p.Name+"/"+slot]
			if !ok {
				t = snapshot.Tensor{Shape: p.Shape, Data: make([]float32, len(from.Weights[p.Name].Data))}
			}
			if len(t.Data) != len(from.Weights[p.Name].Data) {
				return nil, fmt.Errorf("fit: snapshot %s: optimizer tensor %q is %v, its weight is %v", from.Path, p.Name+"/"+slot, t.Shape, p.Shape)
			}
			l.tensors = append(l.tensors, toTensor(t))
		}
	}
	err = try("prepare the step", func() (err error) {
		l.exec, err = NewExec(backend, l.graph)
		return err
	})
	return l, err
}

func toTensor(t snapshot.Tensor) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(t.Data, t.Shape...)
}

// graph is one step: out of the tensors, the factors of the optimizer, the key of the step's random numbers and a batch
// it makes the new tensors, and a report: the loss, how many steps were told right, then whether the loss, each gradient
// and each new tensor is finite.
// Unless all are, it changes nothing.
func (l *learner) graph(in []*Node) []*Node {
	n := len(l.params)
	state, rest := in[:len(l.tensors)], in[len(l.tensors):]
	factors := rest[0]
	inputs, mask := batchNodes(rest[2:])
	inputs.Key = rest[1]
	loss, small, right := l.loss(state[:n], inputs, mask)
	gradients := Gradient(small, state[:n]...)
	for i, rate := range l.rates {
		if rate == 0 { // it makes the others no shorter, either
			gradients[i] = ZerosLike(gradients[i])
		}
	}
	checks := []*Node{finite(loss)}
	for _, d := range gradients {
		checks = append(checks, finite(d))
	}
	if l.clipNorm > 0 {
		gradients = clip(gradients, l.clipNorm)
	}
	each := len(l.optimizer.slots())
	var weights, slots []*Node
	for i, d := range gradients {
		old := state[n+i*each : n+(i+1)*each]
		w, s := state[i], old
		if l.rates[i] > 0 {
			w, s = l.optimizer.update(w, d, scaled(factors, l.rates[i]), old)
		}
		weights = append(weights, w)
		slots = append(slots, s...)
	}
	next := append(weights, slots...)
	for _, v := range next {
		checks = append(checks, finite(v))
	}
	good := ReduceAllMin(Stack(checks, 0))
	for i := range next {
		next[i] = Where(Equal(good, OnesLike(good)), next[i], state[i])
	}
	return append(next, Stack(append([]*Node{loss, right}, checks...), 0))
}

// checked names what the report tells about, in its order.
func (l *learner) checked(k int) string {
	n := len(l.params)
	switch {
	case k == 0:
		return "the loss"
	case k <= n:
		return "the gradient of " + l.params[k-1].Name
	case k <= 2*n:
		return "the new weight " + l.params[k-1-n].Name
	}
	return "the optimizer's " + l.slot(k-1-2*n)
}

// slot names the k-th of the optimizer's tensors.
func (l *learner) slot(k int) string {
	names := l.optimizer.slots()
	return l.params[k/len(names)].Name + "/" + names[k%len(names)]
}

// loss is that of the weights on a batch, of whose target steps those count where mask is 1, and what is made small; and
// how many of these steps were told right, 0 where nothing is to be told.
func (l *learner) loss(weights []*Node, in rnn.Inputs, mask *Node) (loss, small, right *Node) {
	prediction, sums := l.objective.graph(l.model, byName(l.params, weights), in, mask)
	loss, small = l.objective.of(sums, mask, in.Target.Shape().Dim(2))
	if right = l.objective.accuracies(StopGradient(prediction), in.Target, mask); right == nil {
		return loss, small, ZerosLike(loss)
	}
	return loss, small, ReduceSum(right, 0)
}

func byName(params []rnn.Param, nodes []*Node) map[string]*Node {
	w := map[string]*Node{}
	for i, p := range params {
		w[p.Name] = nodes[i]
	}
	return w
}

// step takes one optimizer step on a batch, with the factors and the key of that step, and gives the loss that the batch
// had before it, and how many of its target steps were told right. When the step leaves the numbers, the error is a notFinite and the tensors are as they were.
func (l *learner) step(b seq.Batch, factors []float32, key [2]uint32) (loss, right float64, err error) {
	if err := checkInput(l.model, b); err != nil {
		return 0, 0, err
	}
	data := toTensors(filled(b, l.size))
	defer data.free()
	bad := -1
	err = try("training step", func() error {
		args := make([]any, 0, len(l.tensors)+2+len(data))
		for _, t := range l.tensors {
			// What a step takes it replaces, so the device may write the new values over the old.
			donated, err := DonateTensorBuffer(t, l.backend, 0)
			if err != nil {
				return err
			}
			args = append(args, donated)
		}
		args = append(args, factors, key[:])
		out, err := l.exec.Call(data.addTo(args)...)
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
			slots[l.slot(k)] = snapshot.Tensor{Shape: l.params[k/len(l.optimizer.slots())].Shape, Data: flat}
		}
		return nil
	})
	return weights, slots, err
}

// weights are the tensors of the model alone.
func (l *learner) weights() []*tensors.Tensor { return l.tensors[:len(l.params)] }

// close frees the device.
func (l *learner) close() {
	if l.exec != nil {
		l.exec.Finalize()
	}
	for _, t := range l.tensors {
		_ = t.FinalizeAll() // a tensor that a failed step has consumed is gone already
	}
}
