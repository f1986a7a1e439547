package fit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// rates returns the factor of each weight by Config.Rates, 1 if none is given. The longest name
// that fits counts.
func (c Config) rates(params []rnn.Param) ([]float64, error) {
	rates, names := make([]float64, len(params)), make([]string, len(params))
	used := map[string]bool{}
	learns := false
	for i, p := range params {
		rates[i], names[i] = 1, p.Name
		best := -1
		for key, rate := range c.Rates {
			if p.Name != key && !strings.HasPrefix(p.Name, key+"/") {
				continue
			}
			used[key] = true
			if len(key) > best {
				best, rates[i] = len(key), rate
			}
		}
		learns = learns || rates[i] > 0
	}
	for _, key := range slices.Sorted(maps.Keys(c.Rates)) {
		switch rate := c.Rates[key]; {
		case !used[key]:
			return nil, fmt.Errorf("fit: Rates: no weight or layer %q: there are %s", key, strings.Join(names, ", "))
		case !(rate >= 0) || math.IsInf(rate, 0):
			return nil, fmt.Errorf("fit: Rates: %v for %q: want 0 or a positive number", rate, key)
		}
	}
	if !learns {
		return nil, fmt.Errorf("fit: Rates: all of %s are frozen: nothing is left to train", strings.Join(names, ", "))
	}
	return rates, nil
}

// scaled returns the factors of a step with another learning rate: see rule.factors.
func scaled(factors *Node, rate float64) *Node {
	if rate == 1 {
		return factors
	}
	return Mul(factors, Const(factors.Graph(), []float32{float32(rate), 1, float32(rate)}))
}
