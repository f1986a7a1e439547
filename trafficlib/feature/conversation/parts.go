package conversation

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Split adds the column part: conversations that touch an attack are seq.Attack, the others are
// divided by the split, in the order of time. Without a column attack none is an attack. It is an
// error if nothing is left to learn from or to test on.
func Split(t *table.Table, by seq.Split) (*table.Table, error) {
	attacks := attacksOf(t)
	var normal []int
	for k, a := range attacks {
		if a == "" {
			normal = append(normal, k)
		}
	}
	divided, err := by.Parts(make([]string, len(normal)))
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	parts := slices.Repeat([]string{seq.Attack}, len(attacks))
	for i, k := range normal {
		parts[k] = divided[i]
	}
	return WithParts(t, parts)
}

// WithParts adds the column part, given the part of each conversation. It is an error if none is
// seq.Train or none is seq.Test, and panics if there are not as many.
func WithParts(t *table.Table, parts []string) (*table.Table, error) {
	at := starts(t)
	if len(parts) != len(at)-1 {
		panic(fmt.Sprintf("conversation: WithParts: %d parts for %d conversations", len(parts), len(at)-1))
	}
	for part, why := range map[string]string{seq.Train: "to learn from", seq.Test: "to test on"} {
		if !slices.Contains(parts, part) {
			return nil, fmt.Errorf("conversation: of %d conversations none without an attack is left %s",
				len(parts), why)
		}
	}
	each := make([]string, 0, t.NumRows())
	for k, part := range parts {
		each = append(each, slices.Repeat([]string{part}, at[k+1]-at[k])...)
	}
	return t.With(table.Col(Part, each)), nil
}

// attacksOf returns the attack of each conversation, "" for all if there is no such column.
func attacksOf(t *table.Table) []string {
	if t.Has(Attack) {
		return Attacks(t)
	}
	return make([]string, len(starts(t))-1)
}

// partsOf returns the part of each conversation, "" for all if there is no such column.
func partsOf(t *table.Table) []string {
	at := starts(t)
	parts := make([]string, len(at)-1)
	if t.Has(Part) {
		for k := range parts {
			parts[k] = t.Strings(Part)[at[k]]
		}
	}
	return parts
}

// Sample draws up to n conversations of a part at random from a Summary, of those with at least so
// many packets, and returns their numbers in order. The same seed draws the same.
func Sample(summary *table.Table, part string, n, least int, seed int64) []int {
	packets := table.Values[int64](summary, "packets")
	long := slices.DeleteFunc(summary.Rows(Part, part), func(i int) bool { return packets[i] < int64(least) })
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	r.Shuffle(len(long), func(i, j int) { long[i], long[j] = long[j], long[i] })
	long = long[:min(max(n, 0), len(long))]
	slices.Sort(long)
	return long
}

// Summary returns a row for each conversation: the number of its first frame, its time, who begins
// it and with whom, its packets and the bytes of all of them, and its attack and its part, if t has
// those columns.
func Summary(t *table.Table) *table.Table {
	at := starts(t)
	n := len(at) - 1
	ends := make([][]string, 2)
	packets, bytes := make([]int64, n), make([]int64, n)
	length := table.Values[int64](t, "length")
	for k := range n {
		i := at[k]
		packets[k] = int64(at[k+1] - i)
		for _, l := range length[i:at[k+1]] {
			bytes[k] += l
		}
		for e, side := range []string{"src", "dst"} {
			port := table.Values[int64](t, side+"_port")[i]
			ends[e] = append(ends[e], fmt.Sprintf("%s:%d", t.Strings(side + "_ip")[i], port))
		}
	}
	first := t.Take(at[:n])
	s := table.New(first.Column("No."), first.Column("timestamp"), table.Col("from", ends[0]), table.Col("to", ends[1]),
		table.Col("packets", packets), table.Col("bytes", bytes))
	if t.Has(Attack) {
		s = s.With(table.Col(Attack, Attacks(t)))
	}
	if t.Has(Part) {
		s = s.With(first.Column(Part))
	}
	return s
}
