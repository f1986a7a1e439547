package chart

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// Loss draws the loss of a training by epoch, and that of its validation data.
func Loss(h snapshot.History) Lines {
	train, valid := Series{Name: "train"}, Series{Name: "validation", Dashed: true}
	for _, p := range h {
		train.add(p, p.Train.Loss)
		if p.Valid != nil {
			valid.add(p, p.Valid.Loss)
		}
	}
	l := Lines{Title: "Loss", X: "epoch", Y: "mean squared error", LogY: true, Series: []Series{train}}
	if len(valid.X) > 0 {
		l.Series = append(l.Series, valid)
	}
	return l
}

// Cosines draws the cosine similarity of prediction and truth by epoch, over the first 10, 20, … packets and over the
// true length of the sequences: a panel for the mean over the sequences and one for the median. It is of the validation
// data when there is any, and of the training data else.
func Cosines(h snapshot.History) Panels {
	of, name := func(p snapshot.Point) []snapshot.Cosine { return p.Train.Cosines }, "train"
	for _, p := range h {
		if p.Valid != nil {
			of, name = func(p snapshot.Point) []snapshot.Cosine { return p.Valid.Cosines }, "validation"
		}
	}
	mean := Lines{Title: "Mean cosine, " + name, X: "epoch", Y: "cosine similarity", Ordered: true}
	median := Lines{Title: "Median cosine, " + name, X: "epoch", Y: "cosine similarity", Ordered: true}
	place := map[int]int{} // of the series for each number of packets
	for _, p := range h {
		for _, c := range of(p) {
			i, ok := place[c.Packets]
			if !ok {
				i = len(mean.Series)
				place[c.Packets] = i
				label := fmt.Sprintf("first %d", c.Packets)
				if c.Packets == 0 {
					label = "true length"
				}
				mean.Series = append(mean.Series, Series{Name: label})
				median.Series = append(median.Series, Series{Name: label})
			}
			mean.Series[i].add(p, c.Mean)
			median.Series[i].add(p, c.Median)
		}
	}
	return Grid(2, mean, median)
}

func (s *Series) add(p snapshot.Point, y float64) {
	s.X = append(s.X, float64(p.Epoch))
	s.Y = append(s.Y, y)
}

// CrossEntropy draws what Loss draws, of a training whose loss is a cross-entropy, on a plain axis.
func CrossEntropy(h snapshot.History) Lines {
	l := Loss(h)
	l.Y, l.LogY = "cross-entropy", false
	return l
}

// Accuracy draws by epoch which part of the answers is right, of the data trained on and of the validation data, for a
// training whose loss is of classes or labels.
func Accuracy(h snapshot.History) Lines {
	train, valid := Series{Name: "train"}, Series{Name: "validation", Dashed: true}
	for _, p := range h {
		if p.Train.Accuracy != nil {
			train.add(p, *p.Train.Accuracy)
		}
		if p.Valid != nil && p.Valid.Accuracy != nil {
			valid.add(p, *p.Valid.Accuracy)
		}
	}
	l := Lines{Title: "Accuracy", X: "epoch", Y: "part that is right", YRange: [2]float64{0, 1}, Series: []Series{train}}
	if len(valid.X) > 0 {
		l.Series = append(l.Series, valid)
	}
	return l
}
