package conversation

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The parts of conversations, the values of the column Part.
const (
	Train    = "train"  // what a model learns from
	Test     = "test"   // of no attack, and kept from training
	Attacked = "attack" // those that touch an attack
)

// Deal adds the column part: conversations that touch an attack are Attacked; of the others the last share test, by
// time, are Test and what is before is Train, rounded to whole conversations. Without a column attack none is an attack.
// It is an error when nothing is left to learn from or to test on, and panics when test is not in 0 … 1.
func Deal(t *table.Table, test float64) (*table.Table, error) {
	if !(test >= 0 && test <= 1) {
		panic(fmt.Sprintf("conversation: Deal: %v is not in 0 … 1", test))
	}
	attacks := attacksOf(t)
	normal := 0
	for _, a := range attacks {
		if a == "" {
			normal++
		}
	}
	train := int(math.Round((1 - test) * float64(normal)))
	parts, seen := make([]string, len(attacks)), 0
	for k, a := range attacks {
		switch {
		case a != "":
			parts[k] = Attacked
			continue
		case seen < train:
			parts[k] = Train
		default:
			parts[k] = Test
		}
		seen++
	}
	return dealt(t, parts)
}

// DealPackets cuts packets as the original does: the last share test of them, whatever they are, is cut off (Split)
// before both parts are cut into conversations. So training may have attacks in it, and those are Train.
func DealPackets(packets *table.Table, r Rules, test float64) (*table.Table, error) {
	if packets.Has(Position) {
		return nil, errors.New("conversation: these are ready conversations, whose packets can not be parted before they are cut")
	}
	before, after := Split(packets, test)
	train, err := Cut(before, r)
	if err != nil {
		return nil, fmt.Errorf("%w, for training", err)
	}
	rest, err := Cut(after, r)
	if err != nil {
		return nil, fmt.Errorf("%w, for testing", err)
	}
	parts := slices.Repeat([]string{Train}, len(starts(train))-1)
	for _, a := range attacksOf(rest) {
		if a == "" {
			parts = append(parts, Test)
		} else {
			parts = append(parts, Attacked)
		}
	}
	return dealt(table.Concat(train, rest), parts)
}

// attacksOf gives the attack of each conversation, "" for all where there is no such column.
func attacksOf(t *table.Table) []string {
	if t.Has(Attack) {
		return Attacks(t)
	}
	return make([]string, len(starts(t))-1)
}

// dealt adds the part of each conversation to its packets.
func dealt(t *table.Table, parts []string) (*table.Table, error) {
	for part, why := range map[string]string{Train: "to learn from", Test: "kept from training, to test on"} {
		if !slices.Contains(parts, part) {
			return nil, fmt.Errorf("conversation: of %d conversations none without an attack is %s", len(parts), why)
		}
	}
	at := starts(t)
	each := make([]string, 0, t.NumRows())
	for k, part := range parts {
		each = append(each, slices.Repeat([]string{part}, at[k+1]-at[k])...)
	}
	return t.With(table.Col(Part, each)), nil
}

// Only gives the rows of a part, of a table of packets or of a Summary.
func Only(t *table.Table, part string) *table.Table { return t.Take(Numbers(t, part)) }

// Numbers gives the numbers of the rows of a part. Of a Summary these are the numbers of its conversations.
func Numbers(t *table.Table, part string) []int {
	var rows []int
	for i, p := range t.Strings(Part) {
		if p == part {
			rows = append(rows, i)
		}
	}
	return rows
}

// Sample draws up to n conversations of a part by chance out of a Summary, of those with at least so many packets, and
// gives their numbers in order. The same seed draws the same.
func Sample(summary *table.Table, part string, n, least int, seed int64) []int {
	packets := table.Values[int64](summary, "packets")
	long := slices.DeleteFunc(Numbers(summary, part), func(i int) bool { return packets[i] < int64(least) })
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	r.Shuffle(len(long), func(i, j int) { long[i], long[j] = long[j], long[i] })
	long = long[:min(max(n, 0), len(long))]
	slices.Sort(long)
	return long
}

// Relative gives conversations with timestamps that count from the first packet of each, so that they do not tell when
// it was.
func Relative(t *table.Table) *table.Table {
	times := slices.Clone(t.Float64s("timestamp"))
	at := starts(t)
	for k := range len(at) - 1 {
		begin := times[at[k]]
		for i := at[k]; i < at[k+1]; i++ {
			times[i] -= begin
		}
	}
	return t.With(table.Col("timestamp", times))
}

// Summary gives a row for each conversation: the number of its first frame, its time, who begins it and with whom, its
// packets and the bytes of all of them, and its attack and its part, where t has those columns.
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
			ends[e] = append(ends[e], fmt.Sprintf("%s:%d", t.Strings(side + "_ip")[i], table.Values[int64](t, side+"_port")[i]))
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
