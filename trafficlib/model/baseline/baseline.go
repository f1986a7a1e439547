// Package baseline has the detectors and classifiers that need no network, beside which a network has to be measured.
//
// It takes rows of numbers, each with the same features, and gives for each a score, the higher the more anomalous, or a
// class. Two learn from normal rows alone: ZScore, the distance of each feature from its mean, and IsolationForest,
// how few random cuts set a row apart. Two learn from classes: Majority, which says what is most frequent, and Logistic,
// a regression on standardised features. A window of flows is a row as well: all of its steps, one after the other.
//
// The same rows and options give the same model, on any number of cores, and a model is not changed by use, so many
// goroutines may share it. Fitting refuses rows with NaN or infinities and names the place. A row with one that is only
// to be scored has the score NaN, and the class -1. Rows that do not fit in width are the programmer's mistake and panic.
package baseline

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Rows are what a detector learns from and scores: rows of the same features, one after the other. Of makes them.
type Matrix struct {
	n, features int
	single      []float32 // either of the two
	double      []float64
}

// Of gives the rows that stand in values, row-major, [n][features]. They are kept, not copied. It panics when the values
// are no whole rows.
func MatrixOf[F float32 | float64](values []F, features int) Matrix {
	if features <= 0 || len(values)%features != 0 {
		panic(fmt.Sprintf("baseline: %d values are no whole rows of %d features", len(values), features))
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

// Len gives the number of rows.
func (r Matrix) Len() int { return r.n }

// Features gives the width of a row.
func (r Matrix) Features() int { return r.features }

// read copies row i into dst. It says whether all of its values are finite.
func (r Matrix) read(i int, dst []float64) bool {
	var sum float64 // NaN or infinite when one is, or when they are too large to be used
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

// check finds what can not be learnt from.
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

// must panics on rows of another width than those that a model was fitted on.
func (r Matrix) must(features int) {
	if r.features != features {
		panic(fmt.Sprintf("baseline: rows of %d features, the model was fitted on %d", r.features, features))
	}
}

// chunk is how many rows are summed up before sums are added, so that a sum does not depend on the number of cores.
const chunk = 1024

func chunks(n int) int { return (n + chunk - 1) / chunk }

// parallel deals the chunks of n rows out to all cores. Each core has a row of its own to read into.
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

// scores gives a number for each row, NaN for one that is not finite.
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
