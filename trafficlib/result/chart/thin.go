package chart

// maxPoints is the maximum number of points of a series in a picture: more would be less than a dot
// apart.
const maxPoints = 1000

// thin reduces a long series to the points that its picture needs: the first, the lowest, the
// highest and the last point of each of many runs of equal length (the M4 aggregation of Jugel et
// al., VLDB 2014). So no peak is lost.
func thin(x, y []float64) (tx, ty []float64) {
	if len(x) <= maxPoints {
		return x, y
	}
	const runs = maxPoints / 4
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

// corners drops the points of a curve that are on a vertical or horizontal line between their
// neighbors, of which step curves have many. It returns lists of different lengths unchanged, for
// check to report.
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
