package score

import (
	"errors"
	"fmt"
	"math"
)

// Transitions is a baseline that counts how often each symbol follows each other one in normal
// sequences: a first-order Markov chain. A sequence of rare transitions has a high score.
// FitTransitions makes it.
type Transitions struct {
	alpha   float64
	symbols map[string]int
	after   []float64   // per symbol, the number of transitions from it
	count   [][]float64 // [symbol][next symbol]
}

// FitTransitions counts the transitions of sequences of symbols, such as the protocol and flags of
// packets. Each count is increased by alpha, also that of a symbol never seen (Lidstone smoothing;
// 0 means 1, Laplace smoothing):
//
//	P(b | a) = (n(a, b) + alpha) / (n(a) + alpha·(V+1))
//
// n(a, b) is how often b follows a, n(a) how often any symbol does, and V the number of symbols
// seen. It is an error if alpha is negative or there are no transitions.
func FitTransitions(sequences [][]string, alpha float64) (*Transitions, error) {
	if alpha == 0 {
		alpha = 1
	}
	if !(alpha > 0 && alpha <= math.MaxFloat64) {
		return nil, fmt.Errorf("score: transitions: smoothing by %v", alpha)
	}
	t := &Transitions{alpha: alpha, symbols: map[string]int{}}
	n := 0
	for _, s := range sequences {
		for _, symbol := range s {
			if _, ok := t.symbols[symbol]; !ok {
				t.symbols[symbol] = len(t.symbols)
			}
		}
		n += max(len(s)-1, 0)
	}
	if n == 0 {
		return nil, errors.New("score: transitions: no sequence of two symbols to fit on")
	}
	v := len(t.symbols)
	t.after, t.count = make([]float64, v), make([][]float64, v)
	for a := range t.count {
		t.count[a] = make([]float64, v)
	}
	for _, s := range sequences {
		for i := 1; i < len(s); i++ {
			a, b := t.symbols[s[i-1]], t.symbols[s[i]]
			t.count[a][b]++
			t.after[a]++
		}
	}
	return t, nil
}

// Symbols returns the number of symbols seen.
func (t *Transitions) Symbols() int { return len(t.symbols) }

// Prob returns P(b | a). All symbols never seen count as one symbol.
func (t *Transitions) Prob(a, b string) float64 {
	n, total := 0.0, 0.0
	if i, ok := t.symbols[a]; ok {
		total = t.after[i]
		if j, ok := t.symbols[b]; ok {
			n = t.count[i][j]
		}
	}
	return (n + t.alpha) / (total + t.alpha*float64(len(t.symbols)+1))
}

// Score returns the mean of -ln P over the transitions of a sequence, its negative log-likelihood
// per step, or NaN if it has no transitions. To score a conversation from its fourth step on, as a
// model does that has read three, pass the sequence from the third step on.
func (t *Transitions) Score(sequence []string) float64 {
	var sum float64
	for i := 1; i < len(sequence); i++ {
		sum -= math.Log(t.Prob(sequence[i-1], sequence[i]))
	}
	return sum / float64(max(len(sequence)-1, 0))
}

// Scores returns the scores of several sequences.
func (t *Transitions) Scores(sequences [][]string) []float64 {
	scores := make([]float64, len(sequences))
	for i, s := range sequences {
		scores[i] = t.Score(s)
	}
	return scores
}
