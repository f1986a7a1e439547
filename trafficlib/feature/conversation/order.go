package conversation

import (
	"cmp"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// inOrder returns packets in the order of time, those of the same time in their order, and how many
// were earlier than the packet before them. Conversations follow each other in time, so that a
// packet out of place ends one.
func inOrder(t *table.Table) (sorted *table.Table, moved int) {
	times := t.Float64s("timestamp")
	for i := 1; i < len(times); i++ {
		if times[i] < times[i-1] {
			moved++
		}
	}
	if moved == 0 {
		return t, 0
	}
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(times[a], times[b]) })
	return t.Take(order), moved
}
