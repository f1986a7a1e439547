package score

import (
	"fmt"
	"math"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// ConfusionMatrix counts pairs of true and predicted classes. ConfuseClasses makes it.
type ConfusionMatrix struct {
	Names  []string
	Counts [][]int // [true][predicted]
}

// ConfuseClasses counts true classes, want, and predicted ones, got, which are indices of names. It
// panics if their numbers differ or a class has no name.
func ConfuseClasses(names []string, want, got []int) ConfusionMatrix {
	if len(want) != len(got) {
		panic(fmt.Sprintf("score: ConfuseClasses: %d true and %d predicted classes", len(want), len(got)))
	}
	m := ConfusionMatrix{Names: names, Counts: make([][]int, len(names))}
	for c := range m.Counts {
		m.Counts[c] = make([]int, len(names))
	}
	for i, c := range want {
		for _, k := range []int{c, got[i]} {
			if k < 0 || k >= len(names) {
				panic(fmt.Sprintf("score: ConfuseClasses: class %d, but there are %d names", k, len(names)))
			}
		}
		m.Counts[c][got[i]]++
	}
	return m
}

// Observed returns the matrix without classes that are neither true nor predicted anywhere.
func (m ConfusionMatrix) Observed() ConfusionMatrix {
	var keep []int
	for c := range m.Counts {
		if m.Support(c)+m.Predicted(c) > 0 {
			keep = append(keep, c)
		}
	}
	var seen ConfusionMatrix
	for _, c := range keep {
		var row []int
		for _, k := range keep {
			row = append(row, m.Counts[c][k])
		}
		seen.Names, seen.Counts = append(seen.Names, m.Names[c]), append(seen.Counts, row)
	}
	return seen
}

// Support returns how often a class is true.
func (m ConfusionMatrix) Support(class int) (n int) {
	for _, k := range m.Counts[class] {
		n += k
	}
	return n
}

// Predicted returns how often a class is predicted.
func (m ConfusionMatrix) Predicted(class int) (n int) {
	for _, row := range m.Counts {
		n += row[class]
	}
	return n
}

// Precision returns TP/(TP+FP) of a class, or NaN if it is never predicted.
func (m ConfusionMatrix) Precision(class int) float64 {
	return ratio(m.Counts[class][class], m.Predicted(class))
}

// Recall returns TP/(TP+FN) of a class, or NaN if it is never true.
func (m ConfusionMatrix) Recall(class int) float64 {
	return ratio(m.Counts[class][class], m.Support(class))
}

// F1 returns the harmonic mean of precision and recall of a class, 2TP/(2TP+FP+FN), or NaN if it is
// neither true nor predicted.
func (m ConfusionMatrix) F1(class int) float64 {
	return ratio(2*m.Counts[class][class], m.Support(class)+m.Predicted(class))
}

// Accuracy returns the fraction of correct predictions, or NaN if there are none.
func (m ConfusionMatrix) Accuracy() float64 {
	right, all := 0, 0
	for c := range m.Counts {
		right, all = right+m.Counts[c][c], all+m.Support(c)
	}
	return ratio(right, all)
}

// An Average is precision, recall and F1 over all classes.
type Average struct{ Precision, Recall, F1 float64 }

// Macro returns the mean over the classes, so that rare and frequent ones weigh the same. Classes
// that are neither true nor predicted do not count; NaN of the others counts as 0, the default of
// scikit-learn.
func (m ConfusionMatrix) Macro() Average { return m.average(func(int) float64 { return 1 }) }

// Weighted returns the mean over the classes, weighted by their support.
func (m ConfusionMatrix) Weighted() Average {
	return m.average(func(c int) float64 { return float64(m.Support(c)) })
}

func (m ConfusionMatrix) average(weight func(class int) float64) (a Average) {
	zero := func(v float64) float64 {
		if math.IsNaN(v) {
			return 0
		}
		return v
	}
	var all float64
	for c := range m.Counts {
		if m.Support(c)+m.Predicted(c) == 0 {
			continue
		}
		w := weight(c)
		all += w
		a.Precision += w * zero(m.Precision(c))
		a.Recall += w * zero(m.Recall(c))
		a.F1 += w * zero(m.F1(c))
	}
	return Average{a.Precision / all, a.Recall / all, a.F1 / all}
}

// Report returns a table with a row for each class and the two averages, and the columns class,
// precision, recall, F1 and support.
func (m ConfusionMatrix) Report() *table.Table {
	var names []string
	var precision, recall, f1 []float64
	var support []int64
	all := int64(0)
	for c, name := range m.Names {
		names, support = append(names, name), append(support, int64(m.Support(c)))
		precision, recall, f1 = append(precision, m.Precision(c)), append(recall, m.Recall(c)), append(f1, m.F1(c))
		all += int64(m.Support(c))
	}
	for k, a := range []Average{m.Macro(), m.Weighted()} {
		names, support = append(names, []string{"macro average", "weighted average"}[k]), append(support, all)
		precision, recall, f1 = append(precision, a.Precision), append(recall, a.Recall), append(f1, a.F1)
	}
	return table.New(table.Col("class", names), table.Col("precision", precision), table.Col("recall", recall),
		table.Col("F1", f1), table.Col("support", support))
}

func (m ConfusionMatrix) layout() *grid.Grid {
	g := &grid.Grid{Header: append([]string{"true \\ predicted"}, m.Names...), Right: []bool{false},
		Note: fmt.Sprintf("accuracy %.3f, macro F1 %.3f", m.Accuracy(), m.Macro().F1)}
	for c, row := range m.Counts {
		cells := []string{m.Names[c]}
		for _, n := range row {
			cells = append(cells, strconv.Itoa(n))
		}
		g.Right = append(g.Right, true)
		g.Add(cells...)
	}
	return g
}

// String returns the counts and a line with the accuracy and the macro average of F1.
func (m ConfusionMatrix) String() string { return m.layout().Text() }

// MIME returns the table of String as plain text and as HTML.
func (m ConfusionMatrix) MIME() (map[string]any, error) { return m.layout().MIME() }

// OneVsRest splits scores by true class: those of all other classes, and those of the class itself,
// in the order of the arguments of ROC and PR. It panics if there are not as many scores as
// classes.
func OneVsRest(classes []int, class int, scores []float64) (others, own []float64) {
	if len(classes) != len(scores) {
		panic(fmt.Sprintf("score: OneVsRest: %d classes and %d scores", len(classes), len(scores)))
	}
	for i, c := range classes {
		if c == class {
			own = append(own, scores[i])
		} else {
			others = append(others, scores[i])
		}
	}
	return others, own
}
