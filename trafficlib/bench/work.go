package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime/pprof"
	"time"

	"github.com/gomlx/compute"
	tensorshapes "github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// training is our side of one shape: a model, its weights on the device, and the compiled step.
type training struct {
	backend compute.Backend
	exec    *Exec
	weights []*tensors.Tensor
	x, y    *tensors.Tensor
}

// model returns the model of the shape.
func (s shape) model() rnn.Model {
	if s.Decode > 0 {
		return rnn.Seq2Seq{Cell: rnn.Cell(s.Cell), Features: s.F, Hidden: s.H, First: rnn.FirstLastInput,
			Input: rnn.LeakyReLU}
	}
	return rnn.Forecaster{Cell: rnn.Cell(s.Cell), Features: s.F, Targets: s.H, Hidden: s.H}
}

// newTraining compiles the step: output, mean squared error, gradients of all weights, and w -
// rate·gradient. It returns the seconds from the description of the model to the compiled step.
func newTraining(backend string, s shape) (*training, float64, error) {
	t := &training{}
	var err error
	if t.backend, err = device.Open(backend); err != nil {
		return nil, 0, err
	}
	model := s.model()
	graph, params := model.Graph, model.Params()
	if s.Own {
		graph, params = ownLSTM(s), ownParams(s)
	}
	for k, p := range params {
		t.weights = append(t.weights, s.tensor(k, p.Shape...))
	}
	t.x = s.tensor(100, s.B, s.T, s.F)
	t.y = s.tensor(101, s.B, s.out(), s.width())
	start := time.Now()
	t.exec, err = NewExec(t.backend, func(in []*Node) []*Node {
		w := map[string]*Node{}
		for k, p := range params {
			w[p.Name] = in[k]
		}
		x, y := in[len(params)], in[len(params)+1]
		// The mean is taken axis by axis: GoMLX's Go backend adds up in float32, which loses digits
		// over many numbers.
		loss := ReduceMean(ReduceMean(ReduceMean(Square(Sub(graph(w, rnn.Inputs{X: x, Target: y}), y)), 2), 1), 0)
		out := []*Node{loss}
		for k, d := range Gradient(loss, in[:len(params)]...) {
			out = append(out, Sub(in[k], MulScalar(d, rate)))
		}
		return out
	})
	if err != nil {
		return nil, 0, err
	}
	var of []tensorshapes.Shape
	for _, v := range append(append([]*tensors.Tensor{}, t.weights...), t.x, t.y) {
		of = append(of, v.Shape())
	}
	if _, err := t.exec.Compile(of...); err != nil {
		return nil, 0, err
	}
	seconds := time.Since(start).Seconds()
	for _, v := range append([]*tensors.Tensor{t.x, t.y}, t.weights...) {
		if err := v.MaterializeOnDevice(t.backend, false, 0); err != nil {
			return nil, 0, err
		}
	}
	return t, seconds, nil
}

// step takes one step and returns the loss before it.
func (t *training) step() (float64, error) {
	var args []any
	for _, w := range t.weights {
		donated, err := DonateTensorBuffer(w, t.backend, 0)
		if err != nil {
			return 0, err
		}
		args = append(args, donated)
	}
	out, err := t.exec.Call(append(args, t.x, t.y)...)
	if err != nil {
		return 0, err
	}
	t.weights = out[1:]
	loss := tensors.ToScalar[float32](out[0])
	return float64(loss), out[0].FinalizeAll()
}

// request is a line of JSON that asks a process to compile a shape or to take steps.
type request struct {
	Shape *shape         `json:"shape,omitempty"`
	Pairs *conversations `json:"pairs,omitempty"` // instead of a shape; Steps are then epochs, see original.go
	Steps int            `json:"steps,omitempty"`
	// Profile is a file for the processor profile of the steps, in the format of pprof. Only ours
	// writes it.
	Profile string `json:"profile,omitempty"`
}

// answer is the answer to a request.
type answer struct {
	Compile float64   `json:"compile,omitempty"` // seconds
	Seconds []float64 `json:"seconds,omitempty"` // of each step
	CPU     float64   `json:"cpu,omitempty"`     // seconds of processor time, of all steps together
	Losses  []float64 `json:"losses,omitempty"`  // before each step
	Packets int       `json:"packets,omitempty"` // with Pairs, in all steps together
	Error   string    `json:"error,omitempty"`
}

// profiled takes the steps of a request, and writes their profile if it asks for one.
func (t *training) profiled(r request) (answer, error) {
	if r.Profile == "" {
		return t.steps(r.Steps)
	}
	f, err := os.Create(r.Profile)
	if err != nil {
		return answer{}, err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return answer{}, err
	}
	defer pprof.StopCPUProfile()
	return t.steps(r.Steps)
}

func (t *training) steps(n int) (a answer, err error) {
	before := benchkit.CPU()
	for range n {
		start := time.Now()
		loss, err := t.step()
		if err != nil {
			return a, err
		}
		a.Seconds = append(a.Seconds, time.Since(start).Seconds())
		a.Losses = append(a.Losses, loss)
	}
	a.CPU = benchkit.CPU() - before
	return a, nil
}

// tensor returns a tensor filled with numbers that peers.py computes the same way, so that all
// sides train the same.
func (s shape) tensor(k int, dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	flat := make([]float32, n)
	for i := range flat {
		flat[i] = number(k, i)
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// number returns the i-th number of the k-th tensor: a hash, spread over ±0.1.
func number(k, i int) float32 {
	h := (uint32(i) + 1) * 2654435761
	h ^= (uint32(k) + 1) * 40503
	h = (h ^ h>>15) * 2246822519
	h = (h ^ h>>13) * 3266489917
	h ^= h >> 16
	return (float32(h>>8)/(1<<24) - 0.5) * 0.2
}

// work answers requests on standard input, each with a line on standard output.
func work(backend string) error {
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	var t *training
	var o *batched
	in.Buffer(nil, 1<<20) // a request may name the lengths of thousands of conversations
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return err
		}
		var a answer
		var err error
		switch {
		case r.Shape != nil:
			t, a.Compile, err = newTraining(backend, *r.Shape)
		case r.Pairs != nil:
			o, err = newBatched(backend, r.Pairs)
		case o != nil:
			a, err = o.epochs(r.Steps)
		case t != nil:
			a, err = t.profiled(r)
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
	return in.Err()
}
