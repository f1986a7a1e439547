package cic2018

import (
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The columns of Summary.
const (
	columnClass  = "class"  // a place in Set.Classes, 0 for a normal window
	columnAttack = "attack" // "" for a normal window
)

// Classes gives the labels as classes: Benign first, whether it is there or not, then the attacks, the most frequent first.
func (s *Set) Classes() []string {
	classes := []string{Benign}
	for _, c := range s.LabelCounts() {
		if c.Label != Benign {
			classes = append(classes, c.Label)
		}
	}
	return classes
}

// Features gives the names of the columns that say what a flow is like: the numbers, and the protocol where the files have
// it. Ports are none of them: in a made network with one victim for each attack they give the attack away. Nor are the
// numbers of rows, and what was found out about a flow later (Attempted Category): they are not even loaded.
func (s *Set) Features() []string {
	names := s.Numbers()
	if c := s.byRole(protocol); !slices.Contains(s.made.Report.Absent, c.name) {
		names = append(names, c.name)
	}
	return names
}

// Summary gives a line for each window: class, attack, the times of its first and its last flow, and the destination port of
// its first. It is what cells hand on beside the sequences of a part.
func (w *Windows) Summary() *table.Table {
	var class, port []int64
	var first, last []time.Time
	for i := range w.Len() {
		rows := w.Rows(i)
		from, to := int(rows[0]), int(rows[w.Length-1])
		class = append(class, int64(w.class[i]))
		port = append(port, int64(w.set.Ports(from, from+1)[0]))
		first, last = append(first, w.set.Times(from, from+1)[0]), append(last, w.set.Times(to, to+1)[0])
	}
	return table.New(table.Col(columnClass, class), table.Col(columnAttack, w.Attacks()), table.Col("from", first), table.Col("to", last), table.Col("port", port))
}

// ClassesOf gives the classes of a table that Summary made.
func ClassesOf(t *table.Table) []int { return t.Ints(columnClass) }

// Numbers gives the numbers of the normal windows of a table that Summary made, or of those with an attack.
func Numbers(t *table.Table, normal bool) []int {
	var all []int
	for i, c := range ClassesOf(t) {
		if c == 0 == normal {
			all = append(all, i)
		}
	}
	return all
}

// Parts gives the normal lines of a table that has the columns of Summary, and those with an attack.
func Parts(t *table.Table) (normal, attack *table.Table) {
	return t.Take(Numbers(t, true)), t.Take(Numbers(t, false))
}
