// Package baseline holds simple detectors and classifiers without a neural network, to compare
// neural networks with.
//
// It takes rows of numbers, all with the same features, and returns for each row an anomaly score
// or a class. Two detectors learn from normal rows alone: ZScore, the distance of each feature from
// its mean, and IsolationForest, how few random cuts isolate a row. Two classifiers learn from
// classes: Majority, which always answers the most frequent class, and Logistic, a regression on
// standardized features. A window of flows can be a row too: all of its steps, one after the other.
//
// The same rows and options yield the same model, on any number of cores. Use does not change a
// model, so goroutines may share it. Fitting refuses rows with NaN or infinite values and says
// where they are. When such a row is scored, its score is NaN and its class -1. Rows of another
// width than the model's panic.
package baseline

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// A Matrix holds the rows that models learn from and score. MatrixOf makes it.
type Matrix struct {
	n, features int
	single      []float32 // either this or double is set
	double      []float64
}

// MatrixOf returns the matrix [n][features] with the given values, row by row. It does not copy
// them. It panics if the number of values is not a multiple of features.
func MatrixOf[F float32 | float64](values []F, features int) Matrix {
	if features <= 0 || len(values)%features != 0 {
		panic(fmt.Sprintf("baseline: %d values are not whole rows of %d features", len(values), features))
	}
	r := Matrix{n: len(values) / features, features: features}
	switch v := any(values).(type) {
	case []float32:
		r.single = v
	case []float64:
		r.double = v
	}
	return r
}

// Len returns the number of rows.
func (r Matrix) Len() int { return r.n }

// Features returns the width of a row.
func (r Matrix) Features() int { return r.features }

// read copies row i to dst and reports whether all of its values are finite.
func (r Matrix) read(i int, dst []float64) bool {
	var sum float64 // not finite if a value is not, or if the values are too large to compute with
	if r.double != nil {
		copy(dst, r.double[i*r.features:])
		for _, v := range dst {
			sum += math.Abs(v)
		}
	} else {
		for k, v := range r.single[i*r.features:][:r.features] {
			dst[k] = float64(v)
			sum += math.Abs(dst[k])
		}
	}
	return sum <= math.MaxFloat64
}

// check returns an error unless the rows are usable for fitting. It names the first bad value.
func (r Matrix) check() error {
	if r.n == 0 {
		return errors.New("no rows")
	}
	bad := make([]int, chunks(r.n))
	parallel(r.n, r.features, func(chunk, from, to int, row []float64) {
		bad[chunk] = -1
		for i := from; i < to; i++ {
			if !r.read(i, row) {
				bad[chunk] = i
				return
			}
		}
	})
	for _, i := range bad {
		if i < 0 {
			continue
		}
		row := make([]float64, r.features)
		r.read(i, row)
		for k, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("row %d, feature %d: %v is not finite", i, k, v)
			}
		}
		return fmt.Errorf("row %d: its values are too large", i)
	}
	return nil
}

// must panics if the rows are not as wide as those that a model was fitted on.
func (r Matrix) must(features int) {
	if r.features != features {
		panic(fmt.Sprintf("baseline: rows of %d features, but the model was fitted on %d", r.features, features))
	}
}

// chunk is the number of rows that are summed before the sums are added up, so that the result does
// not depend on the number of cores.
const chunk = 1024

func chunks(n int) int { return (n + chunk - 1) / chunk }

// parallel distributes the chunks of n rows over all cores. Each core has a buffer for a row.
func parallel(n, features int, do func(number, from, to int, row []float64)) {
	all := chunks(n)
	parts := min(runtime.GOMAXPROCS(0), all)
	var running sync.WaitGroup
	for k := range parts {
		running.Go(func() {
			row := make([]float64, features)
			for c := k; c < all; c += parts {
				do(c, c*chunk, min((c+1)*chunk, n), row)
			}
		})
	}
	running.Wait()
}

// scores returns a number for each row, or NaN if the row is not finite.
func scores(r Matrix, of func(row []float64) float64) []float64 {
	s := make([]float64, r.n)
	parallel(r.n, r.features, func(_, from, to int, row []float64) {
		for i := from; i < to; i++ {
			if s[i] = math.NaN(); r.read(i, row) {
				s[i] = of(row)
			}
		}
	})
	return s
}
