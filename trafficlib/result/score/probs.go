package score

import (
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// Probs holds the predictions of a classifier: the probability of each class for each sequence.
type Probs struct{ set *seq.Set }

// Probabilities returns the probabilities in a set of predictions of a classifier, such as that of
// fit.Predict. Each of its sequences has one step, which is as wide as there are classes.
func Probabilities(predicted *seq.Set) Probs { return Probs{predicted} }

// Of returns the probability of a class for each sequence.
func (p Probs) Of(class int) []float64 {
	all := make([]float64, p.set.Len())
	for i := range all {
		all[i] = float64(p.set.At(i)[class])
	}
	return all
}

// Not returns for each sequence the probability of any class but one: with the class of normal
// traffic, a score.
func (p Probs) Not(class int) []float64 {
	all := make([]float64, p.set.Len())
	for i := range all {
		for c, q := range p.set.At(i) {
			if c != class {
				all[i] += float64(q)
			}
		}
	}
	return all
}

// Classes returns the most probable class of each sequence, the smallest of several.
func (p Probs) Classes() []int {
	all := make([]int, p.set.Len())
	for i := range all {
		for c, q := range p.set.At(i) {
			if q > p.set.At(i)[all[i]] {
				all[i] = c
			}
		}
	}
	return all
}
