package seq

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Buckets chooses up to most lengths that the lengths of examples are rounded up to, so that a batch of short ones is
// not padded to the length of the longest, and a program that is compiled for each shape is compiled for few. They are
// ascending, and the last is that of the longest example.
//
// Of all choices of most lengths it finds one with the fewest steps to compute in an epoch, for batches of batchSize
// examples (0 means 64) as Order.Plan deals them, and takes fewer lengths as long as that costs no more than a tenth.
// It panics when there are no examples, or most is not positive.
func Buckets(ex Examples, batchSize, most int) []int {
	batchSize = Order{BatchSize: batchSize}.size()
	n := ex.Len()
	if n == 0 || most < 1 {
		panic(fmt.Sprintf("seq: Buckets: %d lengths for %d examples", most, n))
	}
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = ex.Length(i)
	}
	slices.Sort(lengths)
	distinct := coarse(slices.Compact(slices.Clone(lengths)))
	// upTo[k] examples fit into distinct[k-1].
	upTo := make([]int, len(distinct)+1)
	for k, l := range distinct {
		upTo[k+1], _ = slices.BinarySearch(lengths, l+1)
	}
	// Examples that do not fill a batch go up to the next bucket, so that after the k shortest lengths there have been
	// upTo[k]/batchSize batches, whatever the buckets. The last one need not be full.
	steps := func(from, to int) int {
		full := (upTo[to]/batchSize - upTo[from]/batchSize) * batchSize
		if to == len(distinct) {
			full += n % batchSize
		}
		return full * distinct[to-1]
	}
	// least[b][k] is the fewest steps with b buckets for the k shortest lengths; before[b][k] how many of those the
	// shorter b-1 buckets hold.
	least, before := [][]int{make([]int, len(upTo))}, [][]int{nil}
	for k := range least[0][1:] {
		least[0][k+1] = math.MaxInt
	}
	for b := 1; b <= min(most, len(distinct)); b++ {
		cost, cut := make([]int, len(upTo)), make([]int, len(upTo))
		for k := range cost {
			cost[k] = math.MaxInt
			for from := range k {
				if c := least[b-1][from]; c < math.MaxInt && c+steps(from, k) < cost[k] {
					cost[k], cut[k] = c+steps(from, k), from
				}
			}
		}
		least, before = append(least, cost), append(before, cut)
	}
	all := len(distinct)
	best := math.MaxInt
	for _, cost := range least[1:] {
		best = min(best, cost[all])
	}
	b := 1
	for float64(least[b][all]) > 1.1*float64(best) {
		b++
	}
	var buckets []int
	for k := all; b > 0; b-- {
		buckets = append(buckets, distinct[k-1])
		k = before[b][k]
	}
	slices.Reverse(buckets)
	return buckets
}

// coarse leaves at most 256 of ascending lengths, the last among them: the search for buckets takes the square of
// their number.
func coarse(lengths []int) []int {
	const most = 256
	if len(lengths) <= most {
		return lengths
	}
	some := make([]int, most)
	for i := range some {
		some[i] = lengths[(i+1)*len(lengths)/most-1]
	}
	return some
}

// A Share is the examples of one batch, and the steps that they are padded to.
type Share struct {
	Index []int
	Steps int
}

// Plan deals examples into the batches of an epoch, ⌈n/BatchSize⌉ of them, each from one bucket. Where the examples of
// a bucket do not fill their last batch, they go into a batch of the next bucket, so that no more than one batch of the
// epoch is smaller than the others and none is left out. When the order shuffles, the batches of the buckets come
// mixed. It panics when an example is longer than the last bucket.
func (o Order) Plan(ex Examples) []Share {
	n := ex.Len()
	if o.Buckets == nil {
		steps, _, _ := ex.Shape()
		return o.deal(nil, o.visit(n), steps)
	}
	pools := make([][]int, len(o.Buckets))
	for _, i := range o.visit(n) {
		k, _ := slices.BinarySearch(o.Buckets, ex.Length(i))
		if k == len(pools) {
			panic("seq: Order: an example is longer than the last of the Buckets")
		}
		pools[k] = append(pools[k], i)
	}
	var plan []Share
	var left []int
	for k, pool := range pools {
		pool = append(left, pool...)
		full := len(pool) - len(pool)%o.size()
		if k == len(pools)-1 {
			full = len(pool)
		}
		plan = o.deal(plan, pool[:full], o.Buckets[k])
		left = pool[full:]
	}
	if o.Shuffle && len(o.Buckets) > 1 {
		// Another stream than that of visit, so that the order of the batches owes nothing to that of the examples.
		r := rand.New(rand.NewPCG(^uint64(o.Seed), uint64(o.Epoch)))
		r.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	}
	return plan
}

// deal appends batches of the examples index, padded to steps.
func (o Order) deal(plan []Share, index []int, steps int) []Share {
	for batch := range slices.Chunk(index, o.size()) {
		plan = append(plan, Share{batch, steps})
	}
	return plan
}
