package fit

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// A stepGraph is what the graph of a training step depends on, but for the shapes of a batch. It
// holds no tensors, since what is compiled from it is kept for the next training.
type stepGraph struct {
	model     rnn.Model
	params    []rnn.Param
	objective objective
	optimizer rule
	rates     []float64 // of params, as multiples of the learning rate
	clipNorm  float64
}

// key identifies it. The parameters follow from the model.
func (g *stepGraph) key() (string, error) {
	model, err := modelKey(g.model)
	return fmt.Sprintf("step %s %+v %+v %v %v", model, g.objective, g.optimizer, g.rates, g.clipNorm), err
}

// modelKey identifies a model.
func modelKey(model rnn.Model) (string, error) {
	d, err := describe(model)
	return fmt.Sprintf("%T %s", model, d.Description), err
}

// slots are the optimizer's tensors for each weight.
func (g *stepGraph) slots() []string { return g.optimizer.slots() }

// graph is one step: given the tensors, the factors of the optimizer, the key of the step's random
// numbers and a batch, it returns the new tensors, and a report: the loss, how many steps were
// right, then whether the loss, each gradient and each new tensor is finite. Unless all are, it
// changes nothing.
func (g *stepGraph) graph(in []*Node) []*Node {
	n, each := len(g.params), len(g.slots())
	state, rest := in[:n+n*each], in[n+n*each:]
	factors := rest[0]
	inputs, mask := batchNodes(rest[2:])
	inputs.Key = rest[1]
	loss, small, right := g.loss(state[:n], inputs, mask)
	gradients := Gradient(small, state[:n]...)
	for i, rate := range g.rates {
		if rate == 0 { // it does not shorten the others, either
			gradients[i] = ZerosLike(gradients[i])
		}
	}
	checks := []*Node{finite(loss)}
	for _, d := range gradients {
		checks = append(checks, finite(d))
	}
	if g.clipNorm > 0 {
		gradients = clip(gradients, g.clipNorm)
	}
	var weights, slots []*Node
	for i, d := range gradients {
		old := state[n+i*each : n+(i+1)*each]
		w, s := state[i], old
		if g.rates[i] > 0 {
			w, s = g.optimizer.update(w, d, scaled(factors, g.rates[i]), old)
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

// checked names what the report covers, in its order.
func (g *stepGraph) checked(k int) string {
	n := len(g.params)
	switch {
	case k == 0:
		return "the loss"
	case k <= n:
		return "the gradient of " + g.params[k-1].Name
	case k <= 2*n:
		return "the new weight " + g.params[k-1-n].Name
	}
	return "the optimizer's " + g.slot(k-1-2*n)
}

// slot returns the name of the k-th of the optimizer's tensors.
func (g *stepGraph) slot(k int) string {
	names := g.slots()
	return g.params[k/len(names)].Name + "/" + names[k%len(names)]
}

// loss returns the loss of the weights on a batch, over the target steps where mask is 1, the value
// that is minimized, and how many of these steps were right, 0 if the model predicts no classes or
// labels.
func (g *stepGraph) loss(weights []*Node, in rnn.Inputs, mask *Node) (loss, small, right *Node) {
	prediction, sums := g.objective.graph(g.model, byName(g.params, weights), in, mask)
	loss, small = g.objective.of(sums, mask, in.Target.Shape().Dim(2))
	if right = g.objective.accuracies(StopGradient(prediction), in.Target, mask); right == nil {
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
