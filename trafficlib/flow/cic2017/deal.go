package cic2017

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The columns that Deal adds: 0 or 1 for what a flow is, and the part that it plays, Train or Test.
const (
	Attack = "attack"
	Part   = "part"

	Train = "train"
	Test  = "test"
)

// Deal gives the flows as Numbers does, with a column Attack, 0 for the label Benign and else 1, and a column Part that
// says what is for training and what for testing, ratio of them: "stratified", by chance and seed, "time", the last of
// each kind, or "tail", the last of all. Flows that are all of one kind, or training flows that are, are an error: there
// is nothing to tell apart.
func Deal(f *Flows, split string, ratio float64, seed int64) (*table.Table, error) {
	class, err := f.Attacks()
	if err != nil {
		return nil, err
	}
	if !(ratio > 0 && ratio < 1) {
		return nil, fmt.Errorf("cic2017: a part of %v of the flows to test on: want a number between 0 and 1", ratio)
	}
	attack, labels := make([]int64, f.rows), make([]string, f.rows)
	for i, c := range class {
		attack[i], labels[i] = int64(c), strconv.Itoa(c)
	}
	by, ok := map[string]seq.SplitBy{"stratified": seq.Stratified, "time": seq.LatestOfEach, "tail": seq.Latest}[split]
	if !ok {
		by = seq.SplitBy(split)
	}
	part, err := seq.Split{By: by, Test: ratio, Seed: seed}.Parts(labels)
	if err != nil {
		return nil, fmt.Errorf("cic2017: %w", err)
	}
	n, train := 0, 0
	for i, p := range part {
		if p == Train {
			train++
			n += class[i]
		}
	}
	if n == 0 || n == train {
		return nil, fmt.Errorf("cic2017: %d of %d training flows are attacks: want both kinds, by another split", n, train)
	}
	return f.Numbers().With(table.Col(Attack, attack)).With(table.Col(Part, part)), nil
}

// Only gives the rows of a part.
func Only(t *table.Table, part string) *table.Table { return t.Take(Rows(t, part)) }

// Rows gives the numbers of the rows of a part.
func Rows(t *table.Table, part string) (rows []int) {
	for i, p := range t.Strings(Part) {
		if p == part {
			rows = append(rows, i)
		}
	}
	return rows
}

// Class gives the column Attack, as package seq and baseline take it.
func Class(t *table.Table) []int {
	class := make([]int, t.NumRows())
	for i, a := range table.Values[int64](t, Attack) {
		class[i] = int(a)
	}
	return class
}

// Of gives the values of a column of the test flows of a kind: 0 benign, 1 attacks.
func Of(t *table.Table, column string, attack int64) (values []float64) {
	x, part := t.Float64s(column), t.Strings(Part)
	for i, a := range table.Values[int64](t, Attack) {
		if a == attack && part[i] == Test {
			values = append(values, x[i])
		}
	}
	return values
}

// Labels gives the label of each row for score.ByAttack, "" for a benign one.
func Labels(t *table.Table) []string {
	labels := slices.Clone(t.Strings(Label))
	for i, l := range labels {
		if l == Benign {
			labels[i] = ""
		}
	}
	return labels
}
