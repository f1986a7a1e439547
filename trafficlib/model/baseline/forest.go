package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// IsolationForest holds the options of an isolation forest: trees that cut a few rows at random
// until each is isolated, which takes few cuts for an anomalous row (Liu, Ting and Zhou, "Isolation
// Forest", ICDM 2008). The zero value is the forest of the paper.
type IsolationForest struct {
	Trees  int    // 0 means 100
	Sample int    // ψ, the number of rows per tree, drawn without replacement; 0 means 256, or all if there are fewer
	Seed   uint64 // the same seed grows the same forest
}

// Isolation is a fitted isolation forest.
type Isolation struct {
	features int
	sample   int
	trees    []tree
}

// A tree is a list of its nodes, the root first.
type tree []node

type node struct {
	feature     int // -1 for a leaf
	threshold   float64
	left, right int // indices; rows whose feature is at most threshold go left
	size        int // number of rows of the sample that reach the node
}

// Fit grows a forest on normal rows. The feature of a cut is drawn uniformly from those that vary,
// and the threshold uniformly between the smallest and the largest value. A tree ends at a depth of
// ⌈log₂ ψ⌉.
func (o IsolationForest) Fit(normal Matrix) (*Isolation, error) {
	if o.Trees < 0 || o.Sample < 0 {
		return nil, fmt.Errorf("baseline: isolation forest: %d trees of %d rows", o.Trees, o.Sample)
	}
	if err := normal.check(); err != nil {
		return nil, fmt.Errorf("baseline: isolation forest: %w", err)
	}
	f := &Isolation{
		features: normal.features,
		sample:   min(int(or(float64(o.Sample), 256)), normal.n),
		trees:    make([]tree, int(or(float64(o.Trees), 100))),
	}
	depth := int(math.Ceil(math.Log2(float64(max(f.sample, 2)))))
	parts := min(runtime.GOMAXPROCS(0), len(f.trees))
	var running sync.WaitGroup
	for k := range parts {
		running.Go(func() {
			for t := k; t < len(f.trees); t += parts {
				g := grower{random: rand.New(rand.NewPCG(o.Seed, uint64(t)))}
				for _, i := range choose(g.random, normal.n, f.sample) {
					row := make([]float64, normal.features)
					normal.read(i, row)
					g.rows = append(g.rows, row)
				}
				g.grow(g.rows, depth)
				f.trees[t] = g.tree
			}
		})
	}
	running.Wait()
	return f, nil
}

// choose draws k of the numbers 0 … n-1 without replacement (Floyd's algorithm: Bentley,
// "Programming Pearls", CACM 1987).
func choose(random *rand.Rand, n, k int) []int {
	chosen := map[int]bool{}
	var all []int
	for top := n - k; top < n; top++ {
		i := random.IntN(top + 1)
		if chosen[i] {
			i = top
		}
		chosen[i] = true
		all = append(all, i)
	}
	return all
}

// A grower grows one tree.
type grower struct {
	random *rand.Rand
	rows   [][]float64
	tree   tree
}

// grow adds a node for the rows and everything below it, and returns its index. It reorders the
// rows.
func (g *grower) grow(rows [][]float64, depth int) int {
	at := len(g.tree)
	g.tree = append(g.tree, node{feature: -1, size: len(rows)})
	if depth == 0 || len(rows) < 2 {
		return at
	}
	// Taking the first varying feature in a random order draws uniformly from the varying features.
	for _, k := range g.random.Perm(len(rows[0])) {
		low, high := rows[0][k], rows[0][k]
		for _, row := range rows[1:] {
			low, high = min(low, row[k]), max(high, row[k])
		}
		if low == high {
			continue
		}
		cut := low + g.random.Float64()*(high-low)
		if cut >= high { // rounded up
			cut = low
		}
		n := 0
		for i, row := range rows {
			if row[k] <= cut {
				rows[n], rows[i] = rows[i], rows[n]
				n++
			}
		}
		left := g.grow(rows[:n], depth-1)
		right := g.grow(rows[n:], depth-1)
		g.tree[at] = node{feature: k, threshold: cut, left: left, right: right, size: len(rows)}
		break
	}
	return at
}

// Scores returns the anomaly score of the paper for each row: close to 1 if the row is isolated
// early, well below 0.5 if it is like the others.
//
//	s = 2^(-E(h) / c(ψ))
//
// E(h) is the mean over the trees of the number of cuts to the leaf of the row, plus c(n) if n rows
// of the sample are in the leaf.
func (f *Isolation) Scores(rows Matrix) []float64 {
	rows.must(f.features)
	norm := averagePath(f.sample)
	return scores(rows, func(row []float64) float64 {
		var sum float64
		for _, t := range f.trees {
			sum += t.path(row)
		}
		if norm == 0 { // the sample is one row
			return 0.5
		}
		return math.Exp2(-sum / float64(len(f.trees)) / norm)
	})
}

// path returns h, the length of the path of a row.
func (t tree) path(row []float64) float64 {
	at, cuts := 0, 0
	for t[at].feature >= 0 {
		if n := &t[at]; row[n.feature] <= n.threshold {
			at = n.left
		} else {
			at = n.right
		}
		cuts++
	}
	return float64(cuts) + averagePath(t[at].size)
}

// averagePath returns c(n) of the paper, the mean length of an unsuccessful search in a binary
// search tree of n values:
//
//	c(n) = 2 H(n-1) - 2 (n-1)/n,   H(i) ≈ ln i + 0.5772156649…
//
// c(2) = 1 and c(1) = 0 are exact.
func averagePath(n int) float64 {
	switch {
	case n < 2:
		return 0
	case n == 2:
		return 1
	case n < len(averagePaths):
		return averagePaths[n]
	}
	return averageOf(n)
}

func averageOf(n int) float64 {
	const euler = 0.57721566490153286060651209008240243
	m := float64(n - 1)
	return 2*(math.Log(m)+euler) - 2*m/float64(n)
}

// averagePaths caches c(n) for small leaves, which each row needs for each tree.
var averagePaths = func() []float64 {
	v := slices.Repeat([]float64{0}, 1024)
	for n := 3; n < len(v); n++ {
		v[n] = averageOf(n)
	}
	return v
}()
