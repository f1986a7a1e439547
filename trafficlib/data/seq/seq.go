// Package seq holds the sequences that a recurrent model reads, and cuts them into batches.
//
// It takes packet-feature session files, one session a line (OpenSessions, Join), and gives sequence files: Arrow IPC
// files with one list of rows for each sequence, which pandas, Polars and DuckDB read too. Open maps such a file, so
// that a set of any size opens in milliseconds. Views of a set (Split, Subset, Head, CutAt) share its memory. Out of
// sets come the examples that a model learns from, in the form that its task has, and Batches stacks them:
//
//	session file ──Convert──▶ sequence file ──Open──▶ Set ──Split──▶ NextStep ──Batches──▶ Batch
//
//	NextStep  each step of a sequence from those before it
//	Windows   what follows a fixed number of steps
//	Pairs     another sequence
//	Labeled   the classes of a whole sequence
//
// Sequences keep the order of the capture; only Split and a shuffling Order draw by chance, both from a seed. Nothing
// here knows what a feature means. Damaged input is refused with one line that names the place: nothing is guessed or
// filled in, and no value that is not a finite float32 gets past a reader or Check.
package seq
