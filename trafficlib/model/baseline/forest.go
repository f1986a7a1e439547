package baseline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
)

// IsolationForest is how an isolation forest is grown: trees that cut a few rows at random until each stands alone. What
// is unlike the others stands alone after few cuts (Liu, Ting and Zhou, "Isolation Forest", ICDM 2008). The zero value is
// the forest of the paper.
type IsolationForest struct {
	Trees  int    // 0 means 100
	Sample int    // ψ, how many rows a tree is grown on, drawn without replacement; 0 means 256. All, where there are fewer
	Seed   uint64 // the same seed gives the same forest
}

// Isolation is a grown isolation forest.
type Isolation struct {
	features int
	sample   int
	trees    []tree
}

// A tree is its nodes, the root first.
type tree []node

type node struct {
	feature     int // -1 for a leaf
	threshold   float64
	left, right int // rows whose feature is at most threshold go left
	size        int // rows that came here while it grew
}

// Fit grows a forest on normal rows. A cut is at a place between the smallest and the largest value of a feature, both
// drawn evenly, the feature among those that differ; a tree ends at a depth of ⌈log₂ ψ⌉.
func (o IsolationForest) Fit(normal Matrix) (*Isolation, error) {
	if o.Trees < 0 || o.Sample < 0 {
		return nil, fmt.Errorf("baseline: isolation forest: %d trees of %d rows", o.Trees, o.Sample)
	}
	if err := normal.check(); err != nil {
		return nil, fmt.Errorf("baseline: isolation forest: %w", err)
	}
	f := &Isolation{features: normal.features, sample: min(int(or(float64(o.Sample), 256)), normal.n), trees: make([]tree, int(or(float64(o.Trees), 100)))}
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

// choose draws k of the numbers 0 … n-1 (Floyd's algorithm: Bentley, "Programming Pearls", CACM 1987).
func choose(random *rand.Rand, n, k int) []int {
	there := map[int]bool{}
	var all []int
	for top := n - k; top < n; top++ {
		i := random.IntN(top + 1)
		if there[i] {
			i = top
		}
		there[i] = true
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

// grow adds the node of the rows, which it reorders, with all below it, and gives its number.
func (g *grower) grow(rows [][]float64, depth int) int {
	at := len(g.tree)
	g.tree = append(g.tree, node{feature: -1, size: len(rows)})
	if depth == 0 || len(rows) < 2 {
		return at
	}
	// The first feature in a random order whose values differ is any of those that do.
	for _, k := range g.random.Perm(len(rows[0])) {
		low, high := rows[0][k], rows[0][k]
		for _, row := range rows[1:] {
			low, high = min(low, row[k]), max(high, row[k])
		}
		if low == high {
			continue
		}
		cut := low + g.random.Float64()*(high-low)
		if cut >= high { // by rounding
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

// Scores gives the anomaly score of the paper for each row: towards 1 for what stands alone early, well below 0.5 for what is
// like the others.
//
//	s = 2^(-E(h) / c(ψ))
//
// E(h) is the mean over the trees of the number of cuts to the row's leaf, with c(n) more where n rows are left in it.
func (f *Isolation) Scores(rows Matrix) []float64 {
	rows.must(f.features)
	norm := averagePath(f.sample)
	return scores(rows, func(row []float64) float64 {
		var sum float64
		for _, t := range f.trees {
			sum += t.path(row)
		}
		if norm == 0 { // grown on one row
			return 0.5
		}
		return math.Exp2(-sum / float64(len(f.trees)) / norm)
	})
}

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

// averagePath is c(n) of the paper, the mean length of a search without success in a binary search tree of n values:
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

// averagePaths has those of small leaves, which each row of each tree asks for.
var averagePaths = func() []float64 {
	v := slices.Repeat([]float64{0}, 1024)
	for n := 3; n < len(v); n++ {
		v[n] = averageOf(n)
	}
	return v
}()
