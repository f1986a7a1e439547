package baseline

import (
	"fmt"
	"math"
)

// ZScore holds the mean and the standard deviation of each feature of normal rows, and scores rows
// by their distance from the mean. FitZScore makes it.
//
//	z = (x - mean) / std
//
// The deviation is that of the population (divided by n), and 1 for a constant feature.
type ZScore struct {
	Mean, Std []float64 // per feature
}

// FitZScore learns from normal rows.
func FitZScore(normal Matrix) (*ZScore, error) {
	if err := normal.check(); err != nil {
		return nil, fmt.Errorf("baseline: z-score: %w", err)
	}
	z := &ZScore{}
	z.Mean, z.Std = moments(normal)
	return z, nil
}

// moments returns the mean and the standard deviation of each feature, in two passes. A deviation
// that is only a rounding error, by the rule of scikit-learn's StandardScaler, becomes 1.
func moments(r Matrix) (mean, std []float64) {
	sum := func(of func(v float64, k int) float64) []float64 {
		parts := make([][]float64, chunks(r.n))
		parallel(r.n, r.features, func(c, from, to int, row []float64) {
			s := make([]float64, r.features)
			for i := from; i < to; i++ {
				r.read(i, row)
				for k, v := range row {
					s[k] += of(v, k)
				}
			}
			parts[c] = s
		})
		all := make([]float64, r.features)
		for _, s := range parts {
			for k, v := range s {
				all[k] += v
			}
		}
		for k := range all {
			all[k] /= float64(r.n)
		}
		return all
	}
	const eps = 0x1p-52
	mean = sum(func(v float64, _ int) float64 { return v })
	std = sum(func(v float64, k int) float64 { return (v - mean[k]) * (v - mean[k]) })
	for k, v := range std {
		n := float64(r.n)
		if off := n * mean[k] * eps; v <= n*eps*v+off*off {
			std[k] = 1
			continue
		}
		std[k] = math.Sqrt(v)
	}
	return mean, std
}

// Scores returns the largest |z| of each row, as in the three-sigma rule.
func (z *ZScore) Scores(rows Matrix) []float64 {
	rows.must(len(z.Mean))
	return scores(rows, func(row []float64) float64 {
		_, most := z.worst(row)
		return most
	})
}

// Worst returns for each row the feature with the largest |z|, the first of several, or -1 for a
// row that is not finite.
func (z *ZScore) Worst(rows Matrix) []int {
	rows.must(len(z.Mean))
	worst := make([]int, rows.n)
	parallel(rows.n, rows.features, func(_, from, to int, row []float64) {
		for i := from; i < to; i++ {
			if worst[i] = -1; rows.read(i, row) {
				worst[i], _ = z.worst(row)
			}
		}
	})
	return worst
}

func (z *ZScore) worst(row []float64) (at int, most float64) {
	most = -1
	for k, v := range row {
		if d := math.Abs(v-z.Mean[k]) / z.Std[k]; d > most {
			at, most = k, d
		}
	}
	return at, most
}

// RMS returns the root of the mean of z² over the features of each row. Compared with Scores, a
// single feature that is far off counts less, and many that are a little off count more.
func (z *ZScore) RMS(rows Matrix) []float64 {
	rows.must(len(z.Mean))
	return scores(rows, func(row []float64) float64 {
		var sum float64
		for k, v := range row {
			d := (v - z.Mean[k]) / z.Std[k]
			sum += d * d
		}
		return math.Sqrt(sum / float64(len(row)))
	})
}
