package seq

import (
	"fmt"
	"iter"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A Set is a list of sequences of rows of one width, each of any length, with what is known of
// them. It is read-only: views of a set share its memory, and many goroutines may read it at once.
// The zero value is an empty set.
type Set struct {
	features int
	rows     [][]float32 // per sequence steps*features values, row-major
	longest  int         // steps of the longest sequence
	starts   []int       // per sequence the steps of all before it, then those of all
	index    []int       // of a view: for each sequence its number in columns; nil where they agree
	columns  *columns    // what is known of each sequence; nil for nothing
	lineage  *Lineage    // nil for nothing
	chosen   string      // of a view of parts: what to say if it is empty
	file     *mapped.File
	// file is nil for a set in memory, and for views: the set that was opened closes it.
}

// New returns a set in memory. Each sequence is row-major, [steps][features], and is kept, not
// copied. It panics if features is not positive or a sequence does not hold whole rows.
func New(features int, sequences ...[]float32) *Set {
	if features <= 0 {
		panic(fmt.Sprintf("seq: New: %d features", features))
	}
	for i, s := range sequences {
		if len(s)%features != 0 {
			panic(fmt.Sprintf("seq: New: sequence %d: %d values are not whole rows of %d features", i, len(s),
				features))
		}
	}
	return newSet(features, sequences)
}

func newSet(features int, rows [][]float32) *Set {
	s := &Set{features: features, rows: rows, starts: make([]int, len(rows)+1)}
	for i := range rows {
		s.longest = max(s.longest, s.Steps(i))
		s.starts[i+1] = s.starts[i] + s.Steps(i)
	}
	return s
}

// Len returns the number of sequences.
func (s *Set) Len() int { return len(s.rows) }

// Features returns the width of a step.
func (s *Set) Features() int { return s.features }

// Steps returns the number of steps of sequence i.
func (s *Set) Steps(i int) int { return len(s.rows[i]) / s.features }

// Longest returns the number of steps of the longest sequence, 0 for an empty set.
func (s *Set) Longest() int { return s.longest }

// start returns the number of steps of the first i sequences.
func (s *Set) start(i int) int {
	if s.starts == nil { // the zero value
		return 0
	}
	return s.starts[i]
}

// At returns sequence i, row-major, [steps][features]. It must not be modified: in a set that was
// opened from a file it is the mapped file itself, and writing to it ends the program.
func (s *Set) At(i int) []float32 { return s.rows[i] }

// Column returns one feature of each step of sequence i.
func (s *Set) Column(i, feature int) []float64 {
	rows := s.rows[i]
	column := make([]float64, 0, s.Steps(i))
	for at := feature; at < len(rows); at += s.features {
		column = append(column, float64(rows[at]))
	}
	return column
}

// Transposed returns sequence i feature by feature, [features][steps].
func (s *Set) Transposed(i int) [][]float64 {
	all := make([][]float64, s.features)
	for f := range all {
		all[f] = s.Column(i, f)
	}
	return all
}

// Sequences returns an iterator over the sequences, each row-major.
func (s *Set) Sequences() iter.Seq[[]float32] { return slices.Values(s.rows) }

// Values copies the steps of all sequences into one slice, row-major, one sequence after the other.
func (s *Set) Values() []float32 { return slices.Concat(s.rows...) }

// Close unmaps the file of a set that was opened: its sequences and those of its views are gone.
// Other sets need no Close, and closing twice does no harm.
func (s *Set) Close() error {
	if s.file == nil {
		return nil
	}
	s.rows = nil
	return s.file.Close()
}
