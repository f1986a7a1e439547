package score

// Covered returns how many of n values are strictly inside any range.
func Covered(ranges []Range, n int) (covered int) {
	for _, inside := range Inside(ranges, n) {
		if inside {
			covered++
		}
	}
	return covered
}

// Interiors returns the first and the last value strictly inside each range, as charts shade them.
func Interiors(ranges []Range) [][2]float64 {
	all := make([][2]float64, len(ranges))
	for i, r := range ranges {
		all[i] = [2]float64{float64(r.From + 1), float64(r.To - 1)}
	}
	return all
}
