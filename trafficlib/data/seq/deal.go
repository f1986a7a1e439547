package seq

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Deal deals the numbers 0 … len(class)-1 out for training and for testing, so that each class is in both parts as it is
// in the whole: of the n of a class the last round(ratio·n), in an order drawn by seed, are for testing; one at least,
// where there are two or more. Both parts are in rising order. It panics when ratio is not in 0 … 1.
func Deal[C cmp.Ordered](class []C, ratio float64, seed int64) (train, test []int) {
	return deal(class, ratio, func(n int) []int { return Permutation(n, uint32(seed)) })
}

// DealLast is Deal without chance: of each class the last are for testing, which are the latest where the order is that
// of time, so that nothing is learnt from what came later.
func DealLast[C cmp.Ordered](class []C, ratio float64) (train, test []int) {
	return deal(class, ratio, func(n int) []int { return count(0, n) })
}

// Tail gives the last round(ratio·n) of n numbers for testing, whatever they are, as Keras' validation_split does.
func Tail(n int, ratio float64) (train, test []int) {
	cut := n - portion("Tail", n, ratio)
	return count(0, cut), count(cut, n)
}

func portion(what string, n int, ratio float64) int {
	if !(ratio >= 0 && ratio <= 1) {
		panic(fmt.Sprintf("seq: %s: %v is not in 0 … 1", what, ratio))
	}
	return int(math.Round(ratio * float64(n)))
}

func deal[C cmp.Ordered](class []C, ratio float64, order func(n int) []int) (train, test []int) {
	of := map[C][]int{}
	for i, c := range class {
		of[c] = append(of[c], i)
	}
	for _, all := range of {
		n := len(all)
		k := portion("Deal", n, ratio)
		if n > 1 {
			k = min(max(k, 1), n-1)
		}
		for at, i := range order(n) {
			if at < n-k {
				train = append(train, all[i])
			} else {
				test = append(test, all[i])
			}
		}
	}
	slices.Sort(train)
	slices.Sort(test)
	return train, test
}

// DealBy is Deal ("stratified"), DealLast ("time") or Tail ("tail"), by name. Another name is an error.
func DealBy[C cmp.Ordered](how string, class []C, ratio float64, seed int64) (train, test []int, err error) {
	switch how {
	case "stratified":
		train, test = Deal(class, ratio, seed)
	case "time":
		train, test = DealLast(class, ratio)
	case "tail":
		train, test = Tail(len(class), ratio)
	default:
		return nil, nil, fmt.Errorf("seq: parts by %q: want %q, %q or %q", how, "stratified", "time", "tail")
	}
	return train, test, nil
}

// Even makes a set in memory of sequences that all have so many steps, one behind the other in rows, row-major,
// [sequences][steps][features]. The rows are kept, not copied. It panics when they are no whole sequences.
func Even(features, steps int, rows []float32) *Set {
	if features <= 0 || steps <= 0 || len(rows)%(features*steps) != 0 {
		panic(fmt.Sprintf("seq: Even: %d values are no whole sequences of %d steps of %d features", len(rows), steps, features))
	}
	return New(features, slices.Collect(slices.Chunk(rows, features*steps))...)
}
