package main

// shape is a model and a batch to train it on.
type shape struct {
	Name   string `json:"name"`
	Cell   string `json:"cell"`             // "lstm" or "gru"
	B      int    `json:"b"`                // sequences
	T      int    `json:"t"`                // steps of each
	F      int    `json:"f"`                // features of a step
	H      int    `json:"h"`                // units
	Decode int    `json:"decode,omitempty"` // steps that a decoder writes, each from the previous; 0: no decoder
	Own    bool   `json:"own,omitempty"`    // GoMLX's own layer instead of that of package rnn

	steps  int     // to measure in a round
	target float64 // upper bound of our time divided by that of the best peer
}

// rate is the learning rate.
const rate = 0.1

// shapes are those of the notebooks and two hard ones: a long sequence, and many short ones of few
// units.
var shapes = []shape{
	{Name: "lstm-146", Cell: "lstm", B: 64, T: 100, F: 146, H: 146, steps: 10, target: 1},
	{Name: "lstm-256", Cell: "lstm", B: 64, T: 100, F: 146, H: 256, steps: 10, target: 1},
	{Name: "lstm-long", Cell: "lstm", B: 64, T: 1000, F: 147, H: 147, steps: 2, target: 1},
	{Name: "lstm-small", Cell: "lstm", B: 16, T: 82, F: 8, H: 32, steps: 100, target: 0.8},
	{Name: "lstm-wide", Cell: "lstm", B: 256, T: 82, F: 8, H: 32, steps: 30, target: 1},
	{Name: "gru-256", Cell: "gru", B: 64, T: 64, F: 25, H: 256, steps: 10, target: 1},
	{Name: "seq2seq", Cell: "gru", B: 64, T: 3, F: 25, H: 256, Decode: 61, steps: 10, target: 1},
}

func (s shape) out() int {
	if s.Decode > 0 {
		return s.Decode
	}
	return s.T
}

func (s shape) width() int {
	if s.Decode > 0 {
		return s.F
	}
	return s.H
}
