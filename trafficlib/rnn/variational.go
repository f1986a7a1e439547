package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// keep is what recurrent dropout leaves of the units of a layer that reads x [t, b, in], [b, h]: 0, or what makes the
// mean stay. It is nil where there is no dropout. place is that of drop.
func (l layer) keep(x, key *Node, place int) *Node {
	if key == nil || l.dropout == 0 {
		return nil
	}
	b := x.Shape().Dim(1)
	return Squeeze(drop(Ones(x.Graph(), shapeOf(x, 1, b, l.h)), key, place, l.dropout, true), 0)
}

// scanDropped is Scan of a cell whose recurrent product sees only what keep [b, h] leaves of the output, the same at
// all steps of a sequence: r = (keep⊙h)·u. Gal and Ghahramani, 2016; Keras calls it recurrent_dropout. What else a cell
// does with its last output, as a GRU that keeps a part of it, is done with all of it, and all of it comes out.
//
// A scan multiplies the first of its states, all of it. So the cell becomes one of twice the width, whose first state
// is h beside keep⊙h, with a u of zeros for the first half; keep travels as a state too. That costs a layer with
// dropout about the memory of its states again, and asks nothing of Scan.
func scanDropped(step Step, keep, x, u, bias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	s := droppedStep{step, u.Shape().Dim(0)}
	gates := step.Layout().Gates
	u = s.widen(u, gates)
	u = Concatenate([]*Node{ZerosLike(u), u}, 0)
	if bias != nil {
		bias = s.widen(bias, gates)
	}
	outputs, final = Scan(s, s.widen(x, gates), u, bias, s.pack(initial, keep), mask)
	final, _ = s.unpack(final)
	return SliceAxis(outputs, -1, AxisRange(0, s.h)), final
}

// droppedStep is a step of twice the units h.
type droppedStep struct {
	step Step
	h    int
}

// half is how many tensors of twice the width hold n of the single one.
func half(n int) int { return (n + 1) / 2 }

func (s droppedStep) Layout() Layout {
	l := s.step.Layout()
	return Layout{Gates: half(l.Gates), States: 1 + half(l.States), Saved: half(l.Saved), Tied: l.Tied}
}

// widen adds what x [..., n·h] lacks of an even n.
func (s droppedStep) widen(x *Node, n int) *Node {
	if n%2 == 0 {
		return x
	}
	dims := append([]int{}, x.Shape().Dimensions...)
	dims[len(dims)-1] = s.h
	return Concatenate([]*Node{x, zeros(x, dims...)}, -1)
}

// zeros may stand in the body of a loop.
func zeros(like *Node, dims ...int) *Node {
	return BroadcastToDims(Const(like.Graph(), float32(0)), dims...)
}

// pack lays states out as those of the wide step: the first beside what keep leaves of it, then two by two the others
// and keep.
func (s droppedStep) pack(states []*Node, keep *Node) []*Node {
	wide := []*Node{Concatenate([]*Node{states[0], Mul(keep, states[0])}, 1)}
	return append(wide, pairs(append(append([]*Node{}, states[1:]...), keep))...)
}

// pairs lays tensors beside each other two by two; a last one stands twice.
func pairs(all []*Node) (wide []*Node) {
	for k := 0; k < len(all); k += 2 {
		wide = append(wide, Concatenate([]*Node{all[k], all[min(k+1, len(all)-1)]}, 1))
	}
	return wide
}

// unpack is the way back.
func (s droppedStep) unpack(wide []*Node) (states []*Node, keep *Node) {
	states = []*Node{part(wide[0], 0, s.h)}
	n := s.step.Layout().States
	for k := range n { // the other n-1 states, and keep
		states = append(states, part(wide[1+k/2], k%2, s.h))
	}
	return states[:n], states[n]
}

// narrow is the way back from widen.
func (s droppedStep) narrow(x *Node, n int) *Node { return Slice(x, AxisRange(), AxisRange(0, n*s.h)) }

func (s droppedStep) Forward(x, r *Node, wide []*Node) (next []*Node, saved *Node) {
	l := s.step.Layout()
	states, keep := s.unpack(wide)
	next, saved = s.step.Forward(s.narrow(x, l.Gates), s.narrow(r, l.Gates), states)
	return s.pack(next, keep), s.widen(saved, l.Saved)
}

func (s droppedStep) Backward(d, wide, wideNext []*Node, saved *Node) (dx, dr *Node, dStates []*Node) {
	l := s.step.Layout()
	states, keep := s.unpack(wide)
	next, _ := s.unpack(wideNext)
	dNext, _ := s.unpack(d)
	dNext[0] = Add(dNext[0], Mul(keep, part(d[0], 1, s.h)))
	dx, dr, dStates = s.step.Backward(dNext, states, next, s.narrow(saved, l.Saved))
	if !l.Tied {
		dr = s.widen(dr, l.Gates)
	}
	none := zeros(keep, keep.Shape().Dimensions...)
	dStates = append(append([]*Node{}, dStates...), none) // keep has no gradient
	for k := range dStates {
		if dStates[k] == nil {
			dStates[k] = none
		}
	}
	first := Concatenate([]*Node{dStates[0], none}, 1)
	return s.widen(dx, l.Gates), dr, append([]*Node{first}, pairs(dStates[1:])...)
}
