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

// corners leaves the points of a curve out that lie on an upright or level line between their neighbours, of which curves
// of steps have many. Lists of different lengths are left as they are, for check to tell.
func corners(x, y []float64) (cx, cy []float64) {
	if len(x) != len(y) {
		return x, y
	}
	for i := range x {
		if i > 0 && i+1 < len(x) && (x[i-1] == x[i] && x[i] == x[i+1] || y[i-1] == y[i] && y[i] == y[i+1]) {
			continue
		}
		cx, cy = append(cx, x[i]), append(cy, y[i])
	}
	return cx, cy
}
