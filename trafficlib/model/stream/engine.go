package stream

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// A shape is how many flows go through the model at once, and how many packets of each.
type shape struct{ flows, steps int }

// shapes are the batch shapes that are compiled, smallest flows first: few, so that few graphs are
// compiled.
var shapes = []shape{{256, 1}, {64, 4}, {32, 16}, {8, 64}}

// engine runs a model forward from states.
type engine struct {
	model   rnn.Forecaster
	weights []*tensors.Tensor
	program *programs.Program
}

func newEngine(backend compute.Backend, model rnn.Forecaster, s *snapshot.Snapshot) (*engine, error) {
	e := &engine{model: model}
	for _, p := range model.Params() {
		t, ok := s.Weights[p.Name]
		if !ok || !slices.Equal(t.Shape, p.Shape) {
			return nil, fmt.Errorf("stream: the snapshot's weights %q are %v, want %v", p.Name, t.Shape, p.Shape)
		}
		e.weights = append(e.weights, tensors.FromFlatDataAndDimensions(t.Data, t.Shape...))
	}
	e.program = programs.New(backend, fmt.Sprintf("stream %+v", model), graphOf(model))
	return e, nil
}

// graphOf returns the graph of a model: from its weights, steps, their real numbers and states to
// predictions and states.
func graphOf(model rnn.Forecaster) func(in []*Node) []*Node {
	params := model.Params()
	return func(in []*Node) []*Node {
		w := map[string]*Node{}
		for i, p := range params {
			w[p.Name] = in[i]
		}
		in = in[len(params):]
		y, next := model.Continue(w, rnn.Inputs{X: in[0], Lengths: in[1]}, split(model, in[2]))
		return []*Node{y, Concatenate(next, -1)}
	}
}

// split cuts states that lie side by side, [b, States·Units].
func split(model rnn.Forecaster, all *Node) (states []*Node) {
	h := model.Units()
	for k := range model.States() {
		states = append(states, Slice(all, AxisRange(), AxisRange(k*h, (k+1)*h)))
	}
	return states
}

// run takes steps [b, t, f], how many of them are real, and states [b, s], and returns predictions
// [b, t, f] and states.
func (e *engine) run(sh shape, x []float32, lengths []int32, states []float32) (y, next []float32, err error) {
	err = try("run the model", func() error {
		args := make([]any, 0, len(e.weights)+3)
		for _, w := range e.weights {
			args = append(args, w)
		}
		data := []*tensors.Tensor{
			tensors.FromFlatDataAndDimensions(x, sh.flows, sh.steps, e.model.In()),
			tensors.FromFlatDataAndDimensions(lengths, sh.flows),
			tensors.FromFlatDataAndDimensions(states, sh.flows, len(states)/sh.flows),
		}
		for _, t := range data {
			args = append(args, t)
		}
		out, err := e.program.Call(fmt.Sprint(sh), args...)
		if err != nil {
			return err
		}
		for _, t := range data {
			t.MustFinalizeAll()
		}
		for i, to := range []*[]float32{&y, &next} {
			if *to, err = tensors.CopyFlatData[float32](out[i]); err != nil {
				return err
			}
			out[i].MustFinalizeAll()
		}
		return nil
	})
	return y, next, err
}

func (e *engine) close() {
	e.program.Close()
	for _, w := range e.weights {
		w.MustFinalizeAll()
	}
}

// keptChunk is the number of flow slots that memory is made for at once.
const keptChunk = 1 << 10

// state returns what is kept of a flow: the states, then the last prediction.
func (s *Scorer) state(place int) []float32 {
	width := s.model.States()*s.model.Units() + s.model.Out()
	for place/keptChunk >= len(s.kept) {
		s.kept = append(s.kept, nil)
	}
	c := &s.kept[place/keptChunk]
	if *c == nil {
		*c = make([]float32, keptChunk*width)
	}
	return (*c)[place%keptChunk*width:][:width]
}

// begin reads the row of zeros in front of each sequence, in all shapes, so that none has to be
// compiled when packets arrive.
func (s *Scorer) begin() error {
	width := s.model.States() * s.model.Units()
	for _, sh := range shapes {
		lengths := make([]int32, sh.flows)
		for i := range lengths {
			lengths[i] = 1
		}
		y, next, err := s.engine.run(sh, make([]float32, sh.flows*sh.steps*s.model.In()), lengths,
			make([]float32, sh.flows*width))
		if err != nil {
			return err
		}
		s.fresh = append(slices.Clone(next[:width]), y[:s.model.Out()]...)
	}
	return nil
}

// A turn is the waiting packets of a flow, in the order in which they came.
type turn struct {
	place   int
	packets []int
}

// Flush scores the waiting packets.
func (s *Scorer) Flush() error {
	if len(s.waiting) == 0 {
		return nil
	}
	s.results = slices.Grow(s.results[:0], len(s.waiting))[:len(s.waiting)]
	// Sort the packets by flow, flows with few packets before those with many.
	s.pending = s.pending[:0]
	for i := range s.waiting {
		s.pending = append(s.pending, i)
	}
	slices.SortStableFunc(s.pending, func(a, b int) int {
		x, y := s.waiting[a].seen.Slot, s.waiting[b].seen.Slot
		return cmp.Or(cmp.Compare(s.in[x], s.in[y]), cmp.Compare(x, y))
	})
	var turns []turn
	for from := 0; from < len(s.pending); {
		place := s.waiting[s.pending[from]].seen.Slot
		n := s.in[place]
		turns = append(turns, turn{place, s.pending[from : from+n]})
		from += n
	}
	for len(turns) > 0 {
		// The shape that holds the first flow whole, or the longest; the rest of a longer flow has
		// another turn.
		k := 0
		for k < len(shapes)-1 && len(turns[0].packets) > shapes[k].steps {
			k++
		}
		n := 0
		for n < len(turns) && n < shapes[k].flows && (k == len(shapes)-1 || len(turns[n].packets) <= shapes[k].steps) {
			n++
		}
		rest, err := s.batch(shapes[k], turns[:n])
		if err != nil {
			return err
		}
		turns = append(rest, turns[n:]...)
		slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(len(a.packets), len(b.packets)) })
	}
	s.scoreWaiting()
	clear(s.in)
	s.waiting, s.rows = s.waiting[:0], s.rows[:0]
	return nil
}

// batch runs flows through the model, and returns what is left of them.
func (s *Scorer) batch(sh shape, turns []turn) (rest []turn, err error) {
	f, width := s.model.In(), s.model.States()*s.model.Units()
	x, lengths := make([]float32, sh.flows*sh.steps*f), make([]int32, sh.flows)
	states := make([]float32, sh.flows*width)
	for b, t := range turns {
		kept := s.state(t.place)
		if s.waiting[t.packets[0]].seen.New {
			copy(kept, s.fresh)
		}
		copy(states[b*width:], kept[:width])
		n := min(len(t.packets), sh.steps)
		lengths[b] = int32(n)
		for k, i := range t.packets[:n] {
			copy(x[(b*sh.steps+k)*f:], s.rows[i*f:][:f])
		}
	}
	y, next, err := s.engine.run(sh, x, lengths, states)
	if err != nil {
		return nil, err
	}
	s.scored.Batches++
	for b, t := range turns {
		kept, n := s.state(t.place), int(lengths[b])
		last := slices.Clone(kept[width:])
		for k, i := range t.packets[:n] {
			s.results[i] = last
			last = y[(b*sh.steps+k)*f:][:f]
		}
		copy(kept, next[b*width:][:width])
		copy(kept[width:], last)
		if n < len(t.packets) {
			rest = append(rest, turn{t.place, t.packets[n:]})
		}
	}
	return rest, nil
}

// try returns a panic of GoMLX as an error of one line.
func try(what string, f func() error) error {
	var err error
	if panicked := exceptions.TryCatch[error](func() { err = f() }); panicked != nil {
		err = panicked
	}
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("stream: %s: %s", what, line)
	}
	return nil
}
