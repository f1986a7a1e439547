package score

import (
	"fmt"
	"math"
)

// rows returns the number of rows in want and got. It panics if they do not match.
func rows(name string, want, got []float32, features int) int {
	if features <= 0 || len(want) != len(got) || len(want)%features != 0 {
		panic(fmt.Sprintf("score: %s: %d true and %d predicted values are not the same number of rows of %d features",
			name, len(want), len(got), features))
	}
	return len(want) / features
}

// Cosine returns the cosine similarity of each predicted row and the true row, -1 … 1, or 0 if one
// of them is all zeros. want and got are [n][features], row by row. Sums are computed in float64.
//
//	cos(a, b) = Σ a·b / (√Σ a² √Σ b²)
func Cosine(want, got []float32, features int) []float64 {
	n := rows("Cosine", want, got, features)
	cos := make([]float64, n)
	for i := range cos {
		a, b := want[i*features:][:features], got[i*features:][:features]
		var ab, aa, bb float64
		for k := range a {
			x, y := float64(a[k]), float64(b[k])
			ab += x * y
			aa += x * x
			bb += y * y
		}
		if aa == 0 || bb == 0 {
			continue
		}
		// Rounding may take the cosine of a row with itself slightly above 1.
		cos[i] = min(max(ab/(math.Sqrt(aa)*math.Sqrt(bb)), -1), 1)
	}
	return cos
}

// RMSE returns the root mean squared error of each predicted row over its features. want and got
// are [n][features], row by row. Sums are computed in float64.
//
//	rmse(a, b) = √(Σ (a-b)² / features)
func RMSE(want, got []float32, features int) []float64 {
	rmse := make([]float64, rows("RMSE", want, got, features))
	for i := range rmse {
		var sum float64
		for k := i * features; k < (i+1)*features; k++ {
			d := float64(want[k]) - float64(got[k])
			sum += d * d
		}
		rmse[i] = math.Sqrt(sum / float64(features))
	}
	return rmse
}

// MSE accumulates the squared errors of each feature over the rows of any number of sequences. The
// zero value is ready to use.
type MSE struct {
	sum  []float64
	rows int
}

// Add adds true and predicted rows, [n][features], row by row, which must not include padding. It
// panics if the width differs from that of earlier rows.
func (m *MSE) Add(want, got []float32, features int) {
	n := rows("MSE", want, got, features)
	if m.sum == nil {
		m.sum = make([]float64, features)
	}
	if len(m.sum) != features {
		panic(fmt.Sprintf("score: MSE: rows of %d features after rows of %d", features, len(m.sum)))
	}
	for i := range n {
		for f := range m.sum {
			d := float64(want[i*features+f]) - float64(got[i*features+f])
			m.sum[f] += d * d
		}
	}
	m.rows += n
}

// Features returns the mean squared error of each feature, NaN without rows.
func (m *MSE) Features() []float64 {
	mse := make([]float64, len(m.sum))
	for f, s := range m.sum {
		mse[f] = s / float64(m.rows)
	}
	return mse
}

// Mean returns the mean squared error over all features, NaN without rows.
func (m *MSE) Mean() float64 { return Mean(m.Features()) }

// ByStep returns the mean at each step over sequences of different lengths, for example of the RMSE
// of each step. It ends at the first step that fewer than least sequences have.
func ByStep(sequences [][]float64, least int) []float64 {
	var means []float64
	for t := 0; ; t++ {
		var sum float64
		n := 0
		for _, s := range sequences {
			if t < len(s) {
				sum += s[t]
				n++
			}
		}
		if n == 0 || n < least {
			return means
		}
		means = append(means, sum/float64(n))
	}
}
