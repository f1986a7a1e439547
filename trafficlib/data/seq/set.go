package seq

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A Set is a list of sequences of the same width and of any length. It is read-only: views of one set share its
// memory, and many goroutines may read it at once. The zero value is an empty set.
type Set struct {
	features int
	rows     [][]float32 // per sequence its steps*features values, row-major
	origin   []int       // nil, or per sequence its number in the set that this one is a view of
	longest  int         // steps of the longest sequence
	starts   []int       // per sequence the steps of all before it, and at the end those of all
	meta     map[string]string
	file     *mapped.File // nil for a set in memory, and for views: the set that was opened closes it
}

// New makes a set in memory. Each sequence is row-major, [steps][features], and is kept, not copied. It panics when
// features is not positive or a sequence does not hold whole rows.
func New(features int, sequences ...[]float32) *Set {
	if features <= 0 {
		panic(fmt.Sprintf("seq: New: %d features", features))
	}
	for i, s := range sequences {
		if len(s)%features != 0 {
			panic(fmt.Sprintf("seq: New: sequence %d: %d values are no whole rows of %d features", i, len(s), features))
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

// Len gives the number of sequences.
func (s *Set) Len() int { return len(s.rows) }

// Features gives the width of a step.
func (s *Set) Features() int { return s.features }

// Steps gives the number of steps of sequence i.
func (s *Set) Steps(i int) int { return len(s.rows[i]) / s.features }

// Longest gives the number of steps of the longest sequence, 0 for an empty set.
func (s *Set) Longest() int { return s.longest }

// start gives the number of steps of the first i sequences.
func (s *Set) start(i int) int {
	if s.starts == nil { // the zero value
		return 0
	}
	return s.starts[i]
}

// At gives sequence i, row-major, [steps][features]. It must not be modified: of a set that was opened from a file it
// is the file itself, and writing to it ends the program.
func (s *Set) At(i int) []float32 { return s.rows[i] }

// Origin gives the number that sequence i has in the file, or in the call of New, that it comes from. Splits and
// other views keep it, so that a score can be told by session.
func (s *Set) Origin(i int) int {
	if s.origin == nil {
		return i
	}
	return s.origin[i]
}

// Column gives one feature of each step of sequence i.
func (s *Set) Column(i, feature int) []float64 {
	rows := s.rows[i]
	column := make([]float64, 0, s.Steps(i))
	for at := feature; at < len(rows); at += s.features {
		column = append(column, float64(rows[at]))
	}
	return column
}

// Rows gives the steps of each sequence in turn, row-major, as encode.FitMinMax takes them.
func (s *Set) Sequences() iter.Seq[[]float32] { return slices.Values(s.rows) }

// Subset gives a view of the sequences with the given numbers, in that order. It panics on a number that is not
// in the set.
func (s *Set) Subset(index []int) *Set {
	rows, origin := make([][]float32, len(index)), make([]int, len(index))
	for k, i := range index {
		rows[k], origin[k] = s.rows[i], s.Origin(i)
	}
	return s.view(rows, origin)
}

func (s *Set) view(rows [][]float32, origin []int) *Set {
	view := newSet(s.features, rows)
	view.origin, view.meta = origin, s.meta
	return view
}

// Head gives a view of the first n sequences, or of all when there are fewer.
func (s *Set) Head(n int) *Set { return s.Subset(count(0, min(max(n, 0), s.Len()))) }

// CutAt cuts each sequence in two, behind its first n steps. Of a sequence that has no more, the rest has no steps.
func (s *Set) CutAt(n int) (first, rest *Set) {
	heads, tails := make([][]float32, s.Len()), make([][]float32, s.Len())
	for i, rows := range s.rows {
		at := min(max(n, 0)*s.features, len(rows))
		heads[i], tails[i] = rows[:at:at], rows[at:]
	}
	return s.view(heads, s.origin), s.view(tails, s.origin)
}

// SplitAt cuts the set in two where it stands: the first part has frac of the sequences, rounded to the nearest. It
// panics when frac is not in 0 … 1.
func (s *Set) SplitAt(frac float64) (a, b *Set) {
	if !(frac >= 0 && frac <= 1) {
		panic(fmt.Sprintf("seq: SplitAt: %v is not in 0 … 1", frac))
	}
	cut := int(math.Round(frac * float64(s.Len())))
	return s.Subset(count(0, cut)), s.Subset(count(cut, s.Len()))
}

// Split deals the sequences out by chance: order = Permutation(n, seed), of which the first ceil((1-ratio)*n) are for
// training and the rest for testing. A test part that would be empty, as with ratio 0, takes the last of the training
// part, so that there is always something to test on; a set of one sequence is all for training. Both parts stand in
// the order of the set, and only the low 32 bits of seed count. It panics when ratio is not in 0 … 1.
func (s *Set) Split(ratio float64, seed int64) (train, test *Set) {
	if !(ratio >= 0 && ratio <= 1) {
		panic(fmt.Sprintf("seq: Split: %v is not in 0 … 1", ratio))
	}
	n := s.Len()
	order := Permutation(n, uint32(seed))
	cut := min(int(math.Ceil((1-ratio)*float64(n))), n)
	if cut == n && n > 1 {
		cut--
	}
	slices.Sort(order[:cut])
	slices.Sort(order[cut:])
	return s.Subset(order[:cut]), s.Subset(order[cut:])
}

// count gives the numbers from … to-1.
func count(from, to int) []int {
	index := make([]int, to-from)
	for i := range index {
		index[i] = from + i
	}
	return index
}

// Values copies the steps of all sequences into one slice, row-major, one sequence after the other.
func (s *Set) Values() []float32 { return slices.Concat(s.rows...) }

// Transposed gives sequence i feature by feature, [features][steps].
func (s *Set) Transposed(i int) [][]float64 {
	all := make([][]float64, s.features)
	for f := range all {
		all[f] = s.Column(i, f)
	}
	return all
}
