package conversation

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/table"
)

// Parts are conversations by what they are for. A part may be empty, and is then nil.
type Parts struct {
	Train  *table.Table // what a model learns from
	Test   *table.Table // of no attack, and kept from training
	Attack *table.Table // those that touch an attack
}

// Deal parts conversations: those that touch an attack, and of the others, by time, the last part test for testing and
// what is before for training, rounded to whole conversations. Without a column attack none is an attack. It is an error
// when nothing is left to learn from or to test on, and panics when test is not in 0 … 1.
func Deal(t *table.Table, test float64) (Parts, error) {
	if !(test >= 0 && test <= 1) {
		panic(fmt.Sprintf("conversation: Deal: %v is not in 0 … 1", test))
	}
	at := starts(t)
	attacks := make([]string, len(at)-1)
	if t.Has(Attack) {
		attacks = Attacks(t)
	}
	var normal, attack []int
	for k, a := range attacks {
		if a == "" {
			normal = append(normal, k)
		} else {
			attack = append(attack, k)
		}
	}
	n := int(math.Round((1 - test) * float64(len(normal))))
	p := Parts{Train: pick(t, at, normal[:n]), Test: pick(t, at, normal[n:]), Attack: pick(t, at, attack)}
	return p, p.check()
}

// DealPackets parts packets as the original does: the last part test of them, whatever they are, is cut off (Split)
// before both parts are cut into conversations. So training may have attacks in it. Of the conversations of the last
// part, those that touch an attack are Attack.
func DealPackets(packets *table.Table, r Rules, test float64) (Parts, error) {
	if packets.Has(Position) {
		return Parts{}, errors.New("conversation: these are ready conversations, whose packets can not be parted before they are cut")
	}
	before, after := Split(packets, test)
	train, err := Cut(before, r)
	if err != nil {
		return Parts{}, err
	}
	rest, err := Cut(after, r)
	if err != nil {
		return Parts{}, err
	}
	p, err := Deal(rest, 1)
	if err != nil && p.Test == nil {
		return Parts{}, err
	}
	p.Train = train
	return p, p.check()
}

func (p Parts) check() error {
	switch {
	case p.Train == nil:
		return errors.New("conversation: no conversation without an attack to learn from")
	case p.Test == nil:
		return errors.New("conversation: no conversation without an attack is kept from training, to test on")
	}
	return nil
}

// Named gives the parts that are not empty, in order, with their names: train, test, attack.
func (p Parts) Named() (names []string, parts []*table.Table) {
	for i, t := range []*table.Table{p.Train, p.Test, p.Attack} {
		if t != nil {
			names, parts = append(names, []string{"train", "test", "attack"}[i]), append(parts, t)
		}
	}
	return names, parts
}

// pick gives the conversations of the given numbers; nil for none.
func pick(t *table.Table, at []int, numbers []int) *table.Table {
	var rows []int
	for _, k := range numbers {
		for i := at[k]; i < at[k+1]; i++ {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return t.Take(rows)
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

// Summary gives a row for each conversation: the number of its first frame, its time, who begins it and with whom, the
// packets and the bytes of all of them, and its attack, where t has that column.
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
	return s
}
