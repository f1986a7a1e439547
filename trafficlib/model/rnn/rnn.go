// Package rnn holds the models that read sequences, as graphs of GoMLX.
//
// It takes batches of sequences as package seq makes them and gives predictions, losses and gradients. The loop over
// time is [Scan], which has a gradient and whose graph does not grow with the length of the sequences; a cell is one
// [Step] of it, forward and backward; [Layers] are cells on top of each other, from initial states to final ones. Models
// are plain structs that can be written as JSON: [Forecaster], [Seq2Seq] and [Classifier]. A sequence in a padded batch
// gives what it gives alone.
//
// There is no training here (package fit) and no backend (package device), and there is no model whose loop is
// unrolled: at a hundred steps XLA takes minutes to compile one.
package rnn
