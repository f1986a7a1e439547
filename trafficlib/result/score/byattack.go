package score

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// ByAttack returns what a threshold finds of each attack: a table with a row for each name in
// attacks, the most frequent first, and the columns attack, sequences, found (those whose score is
// at least threshold) and recall (found divided by sequences). It ignores normal sequences, whose
// name is "". It panics if there are not as many names as scores.
func ByAttack(attacks []string, scores []float64, threshold float64) *table.Table {
	if len(attacks) != len(scores) {
		panic(fmt.Sprintf("score: ByAttack: %d names and %d scores", len(attacks), len(scores)))
	}
	all, found := map[string]int64{}, map[string]int64{}
	for i, name := range attacks {
		if name == "" {
			continue
		}
		all[name]++
		if scores[i] >= threshold {
			found[name]++
		}
	}
	names := slices.SortedFunc(maps.Keys(all),
		func(a, b string) int { return cmp.Or(cmp.Compare(all[b], all[a]), cmp.Compare(a, b)) })
	n, hit, recall := make([]int64, len(names)), make([]int64, len(names)), make([]float64, len(names))
	for k, name := range names {
		n[k], hit[k] = all[name], found[name]
		recall[k] = ratio(int(hit[k]), int(n[k]))
	}
	return table.New(table.Col("attack", names), table.Col("sequences", n), table.Col("found", hit),
		table.Col("recall", recall))
}
