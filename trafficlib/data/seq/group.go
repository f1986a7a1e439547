package seq

import "fmt"

// Group makes a set in memory of rows that stand behind each other, row-major, [len(position)][features]: a sequence
// begins wherever position is 0, and position counts on by one within it. The rows are kept, not copied. It is an error
// when positions do not count so, and when the rows are not as many.
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

// Chop makes a set in memory of rows that stand behind each other, row-major: each sequence has so many steps. The rows
// are kept, not copied. It panics when they are no whole sequences.
func Chop(features, steps int, rows []float32) *Set {
	if features <= 0 || steps <= 0 || len(rows)%(features*steps) != 0 {
		panic(fmt.Sprintf("seq: Chop: %d values are no sequences of %d rows of %d features", len(rows), steps, features))
	}
	size := features * steps
	sequences := make([][]float32, len(rows)/size)
	for i := range sequences {
		sequences[i] = rows[i*size : (i+1)*size : (i+1)*size]
	}
	return newSet(features, sequences)
}
