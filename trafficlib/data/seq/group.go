package seq

import (
	"fmt"
	"slices"
)

// FixedLength returns a set in memory whose sequences all have the same number of steps, one after
// the other in rows, row-major, [sequences][steps][features]. The rows are kept, not copied. It
// panics if they are not whole sequences.
func FixedLength(features, steps int, rows []float32) *Set {
	if features <= 0 || steps <= 0 || len(rows)%(features*steps) != 0 {
		panic(fmt.Sprintf("seq: FixedLength: %d values are not whole sequences of %d steps of %d features",
			len(rows), steps, features))
	}
	return newSet(features, slices.Collect(slices.Chunk(rows, features*steps)))
}

// Group returns a set in memory of consecutive rows, row-major, [len(position)][features]: a
// sequence begins wherever position is 0, and position counts up by one within it. The rows are
// kept, not copied. It is an error if positions do not count so, or if there are not as many rows.
func Group(features int, rows []float32, position []int64) (*Set, error) {
	if features <= 0 {
		panic(fmt.Sprintf("seq: Group: %d features", features))
	}
	if len(rows) != len(position)*features {
		return nil, fmt.Errorf("seq: %d values are not %d rows of %d features", len(rows), len(position), features)
	}
	var sequences [][]float32
	begin := 0
	for i, p := range position {
		switch {
		case p == 0 && i > 0:
			sequences = append(sequences, rows[begin*features:i*features:i*features])
			begin = i
		case p != int64(i-begin):
			return nil, fmt.Errorf("seq: row %d: position %d, want %d or 0", i, p, i-begin)
		}
	}
	if len(position) > 0 {
		sequences = append(sequences, rows[begin*features:])
	}
	return newSet(features, sequences), nil
}
