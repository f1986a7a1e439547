package score

import (
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// Probs are what a classifier says of sequences: the probability of each class.
type Probs struct{ set *seq.Set }

// Probabilities takes predictions as fit.Predict gives them for a classifier, or as seq opens them: of each sequence one
// step, as wide as there are classes.
func Probabilities(predicted *seq.Set) Probs { return Probs{predicted} }

// Of gives the probability of a class for each sequence.
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

// Classes gives the most probable class of each sequence, the first of several.
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
