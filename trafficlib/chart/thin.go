package chart

// mostPoints is the number of points of a series that a picture shows: more of them lie within one dot's width.
const mostPoints = 1000

// thin picks the points of a long series that its picture needs: of each of so many runs of equal length the first,
// the lowest, the highest and the last (the M4 aggregation of Jugel et al., VLDB 2014), so that no peak is lost.
func thin(x, y []float64) (tx, ty []float64) {
	if len(x) <= mostPoints {
		return x, y
	}
	const runs = mostPoints / 4
	for r := range runs {
		from, to := r*len(x)/runs, (r+1)*len(x)/runs
		lowest, highest := from, from
		for i := from; i < to; i++ {
			if y[i] < y[lowest] {
				lowest = i
			}
			if y[i] > y[highest] {
				highest = i
			}
		}
		last := -1
		for _, i := range []int{from, min(lowest, highest), max(lowest, highest), to - 1} {
			if i > last { // not twice
				tx, ty = append(tx, x[i]), append(ty, y[i])
				last = i
			}
		}
	}
	return tx, ty
}
