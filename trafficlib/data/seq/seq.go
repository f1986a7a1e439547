// Package seq holds the sequences that a recurrent model learns from, and cuts them into batches.
//
// A Set is an experiment in one file: sequences of rows, and for each of them its part (train, test
// …), its label, where it comes from and when it began; for all of them the names of the features,
// how the rows were made and the encoder that was fitted on them. Open maps such a file, an Arrow
// IPC file that pandas, Polars and DuckDB read too, so that a set of any size opens in
// milliseconds. Views of a set (Part, Where, Subset, Truncate …) share its memory. Examples, what a
// model reads and what it must answer, come out of a set in the form that the task needs, and
// Batches stacks them:
//
//	file ──Open──▶ Set ──Split──▶ Part ──NextStep──▶ examples ──Batches──▶ Batch
//
//	NextStep  each step of a sequence from the steps before it
//	Windows   what follows a fixed number of steps
//	Pairs     another sequence, such as the rest of this one
//	Labeled   the classes of a whole sequence
//
// Package tlsfeat makes sets out of TLS captures, package conversation out of TCP packets, package
// volume out of traffic volumes; Write takes rows from anywhere else. Sequences keep the order of
// the capture; only Split and a shuffling Order draw at random, both from a seed. Nothing here
// knows what a feature means. Damaged input is refused with one line that names the place: nothing
// is guessed or filled in, and no value that is not finite passes Check.
package seq
