package fit

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// A reader runs a model forward, on given weights: those of a learner in training, or of a
// snapshot.
type reader struct {
	model     rnn.Model
	objective objective
	size      int // examples in a batch; if there are more than that, smaller batches are filled up
	buckets   int // largest number of lengths to pad to
	program   *programs.Program
}

// A reading is what a model makes of a batch, per example b and step t of the target.
type reading struct {
	losses     []float32 // [b] sum of the loss over the real steps
	errors     []float32 // [b] sum of the squared errors over the real steps
	cosines    []float32 // [b, t] cosine similarity of each predicted step; meaningless in the padding
	features   []float32 // [b, f] sum of the squared errors of each feature over the real steps
	prediction []float32 // [b, t, f]
	right      []float32 // [b] steps that were right, 0 if the model predicts no classes or labels
}

func newReader(backend compute.Backend, g readGraph, size, buckets int) (*reader, error) {
	key, err := g.key()
	if err != nil {
		return nil, err
	}
	return &reader{g.model, g.objective, size, buckets, programs.New(backend, key, g.graph)}, nil
}

// A readGraph is what the graph of a reading depends on, but for the shapes of a batch.
type readGraph struct {
	model     rnn.Model
	objective objective
	guided    bool // see rnn.Inputs
}

// key identifies it.
func (g readGraph) key() (string, error) {
	model, err := modelKey(g.model)
	return fmt.Sprintf("read %s %+v %v", model, g.objective, g.guided), err
}

// graph returns the tensors of a reading, given the weights and a batch.
func (g readGraph) graph(in []*Node) []*Node {
	params := g.model.Params()
	weights, batch := in[:len(params)], in[len(params):]
	inputs, mask := batchNodes(batch)
	inputs.Guided = g.guided
	target := inputs.Target
	y, sums := g.objective.graph(g.model, byName(params, weights), inputs, mask)
	perFeature := ReduceSum(Mul(Square(Sub(y, target)), InsertAxes(mask, -1)), 1)
	right := g.objective.accuracies(y, target, mask)
	if right == nil {
		right = ZerosLike(sums)
	}
	return []*Node{sums, rnn.SquaredErrors(y, target, mask), rnn.Cosines(y, target), perFeature, y, right}
}

// read runs a batch through the model.
func (r *reader) read(weights []*tensors.Tensor, b seq.Batch) (reading, error) {
	var out reading
	if err := checkInput(r.model, b); err != nil {
		return out, err
	}
	data := toTensors(b)
	defer data.free()
	err := try("run the model", func() error {
		args := make([]any, 0, len(weights)+len(data))
		for _, w := range weights {
			args = append(args, w)
		}
		res, err := r.program.Call(shapeOf(b), data.addTo(args)...)
		if err != nil {
			return err
		}
		for i, to := range []*[]float32{&out.losses, &out.errors, &out.cosines, &out.features, &out.prediction,
			&out.right} {
			if *to, err = tensors.CopyFlatData[float32](res[i]); err != nil {
				return err
			}
			res[i].MustFinalizeAll()
		}
		return nil
	})
	return out, err
}

// each runs all examples through the model, batch by batch: with buckets, the short ones first.
func (r *reader) each(ctx context.Context, weights []*tensors.Tensor, ex seq.Examples,
	use func(b seq.Batch, got reading)) error {
	for b := range seq.Batches(ex, seq.Order{BatchSize: r.size, Buckets: seq.Buckets(ex, r.size, r.buckets)}) {
		if err := ctx.Err(); err != nil {
			return err
		}
		all := b
		if ex.Len() > r.size {
			all = filled(b, r.size)
		}
		got, err := r.read(weights, all)
		if err != nil {
			return err
		}
		use(b, got)
	}
	return nil
}

func (r *reader) close() { r.program.Close() }

// weightsOf puts the weights of a snapshot on the device, in the order of the model's parameters.
func weightsOf(model rnn.Model, s *snapshot.Snapshot) (all []*tensors.Tensor) {
	for _, p := range model.Params() {
		all = append(all, toTensor(s.Weights[p.Name]))
	}
	return all
}
