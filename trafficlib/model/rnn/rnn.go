// Package rnn holds the recurrent neural networks: LSTM and GRU models that read sequences, as
// graphs of GoMLX.
//
// It takes batches of sequences, as package seq makes them, and returns predictions, losses and
// gradients. Models are plain structs that can be written as JSON: [Forecaster] predicts the next
// step, [Seq2Seq] writes a sequence after reading one, and [Classifier] assigns a class. They share
// [Layers], a stack of recurrent layers, from initial to final states. The loop over time is
// [Scan]; a cell is one [Step] of it, forward and backward. A sequence in a padded batch yields the
// same results as on its own.
//
// Training is in package fit and backends are in package device. No model unrolls its loop: the
// graph of Scan does not grow with the length of the sequences, while XLA takes minutes to compile
// a hundred unrolled steps.
package rnn
