package seq

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// Buckets chooses up to most shapes that examples are padded to, so that a batch of short ones is
// not padded to the length of the longest, and a program that is compiled for each shape is
// compiled for few. Each shape has room for all that fits the one before it, in the input as in the
// target, and the last has room for every example.
//
// The candidates hold, for some number of steps, the examples whose input and target together have
// no more. Of all choices of most candidates it finds one with the fewest steps to compute in an
// epoch, for batches of batchSize examples (0 means 64) as Order.Plan makes them, and takes fewer
// shapes as long as that costs no more than a tenth. It panics if there are no examples, or most is
// not positive.
func Buckets(ex Examples, batchSize, most int) []Steps {
	batchSize = Order{BatchSize: batchSize}.size()
	n := ex.Len()
	if n == 0 || most < 1 {
		panic(fmt.Sprintf("seq: Buckets: %d shapes for %d examples", most, n))
	}
	lengths := make([]Steps, n)
	for i := range lengths {
		lengths[i] = ex.Length(i)
	}
	shapes := coarse(nested(lengths))
	// upTo[k] examples fit into shapes[k-1].
	upTo := make([]int, len(shapes)+1)
	for _, l := range lengths {
		upTo[bucketOf(shapes, l)+1]++
	}
	for k := range shapes {
		upTo[k+1] += upTo[k]
	}
	// Examples that do not fill a batch go up to the next bucket, so that after the k smallest shapes
	// there have been upTo[k]/batchSize batches, whatever the buckets. The last one need not be full.
	steps := func(from, to int) int {
		full := (upTo[to]/batchSize - upTo[from]/batchSize) * batchSize
		if to == len(shapes) {
			full += n % batchSize
		}
		return full * (shapes[to-1].Input + shapes[to-1].Target)
	}
	// least[b][k] is the fewest steps with b buckets for the k smallest shapes; before[b][k] how many
	// of those the smaller b-1 buckets hold.
	least, before := [][]int{make([]int, len(upTo))}, [][]int{nil}
	for k := range least[0][1:] {
		least[0][k+1] = math.MaxInt
	}
	for b := 1; b <= min(most, len(shapes)); b++ {
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
	all := len(shapes)
	best := math.MaxInt
	for _, cost := range least[1:] {
		best = min(best, cost[all])
	}
	b := 1
	for float64(least[b][all]) > 1.1*float64(best) {
		b++
	}
	var buckets []Steps
	for k := all; b > 0; b-- {
		buckets = append(buckets, shapes[k-1])
		k = before[b][k]
	}
	slices.Reverse(buckets)
	return buckets
}

// nested returns, for each number of steps that an example has in all, the smallest shape with room
// for it and for all that have fewer.
func nested(lengths []Steps) []Steps {
	lengths = slices.Clone(lengths)
	slices.SortFunc(lengths, func(a, b Steps) int { return a.Input + a.Target - b.Input - b.Target })
	var shapes []Steps
	var room Steps
	for i, l := range lengths {
		room = room.max(l)
		if next := i + 1; next == len(lengths) || l.Input+l.Target < lengths[next].Input+lengths[next].Target {
			shapes = append(shapes, room)
		}
	}
	return slices.Compact(shapes)
}

// coarse keeps at most 256 of nested shapes, the last among them: the search for buckets takes the
// square of their number.
func coarse(shapes []Steps) []Steps {
	const most = 256
	if len(shapes) <= most {
		return shapes
	}
	some := make([]Steps, most)
	for i := range some {
		some[i] = shapes[(i+1)*len(shapes)/most-1]
	}
	return some
}

// bucketOf returns the number of the first of nested shapes that has room for an example; their
// number if none has.
func bucketOf(shapes []Steps, l Steps) int {
	return sort.Search(len(shapes), func(k int) bool { return l.fits(shapes[k]) })
}

// A Share is the examples of one batch, and the steps that they are padded to.
type Share struct {
	Index []int
	Steps Steps
}

// Plan divides examples into the batches of an epoch, ⌈n/BatchSize⌉ of them, each from one bucket.
// Examples of a bucket that do not fill its last batch go into a batch of the next bucket, so that
// no more than one batch of the epoch is smaller than the others and no example is left out. If the
// order shuffles or draws, the batches of the buckets come mixed. It panics if an example is longer
// than the last bucket, or a bucket has no room for all of the one before.
func (o Order) Plan(ex Examples) []Share {
	n := ex.Len()
	if len(o.Buckets) == 0 {
		steps, _, _ := ex.Shape()
		return o.deal(nil, o.visit(n), steps)
	}
	for k, b := range o.Buckets[1:] {
		if !o.Buckets[k].fits(b) {
			panic(fmt.Sprintf("seq: Order: bucket %v has not room for all of bucket %v before it", b, o.Buckets[k]))
		}
	}
	pools := make([][]int, len(o.Buckets))
	for _, i := range o.visit(n) {
		k := bucketOf(o.Buckets, ex.Length(i))
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
	if (o.Shuffle || o.Replace) && len(o.Buckets) > 1 {
		// Another stream than that of visit, so that the order of the batches is independent of that of
		// the examples.
		r := rand.New(rand.NewPCG(^uint64(o.Seed), uint64(o.Epoch)))
		r.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	}
	return plan
}

// deal appends batches of the examples index, padded to steps.
func (o Order) deal(plan []Share, index []int, steps Steps) []Share {
	for batch := range slices.Chunk(index, o.size()) {
		plan = append(plan, Share{batch, steps})
	}
	return plan
}
