package cic2017

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Parts says how flows become features: each number as one of so many bins, which are quantiles of the flows that the
// encoder is fitted on, and each address that these have as a feature of its own, the most frequent addresses of each
// column alone; 0 addresses leaves all of them out, and a negative number takes all.
func Parts(bins, addresses int) []encode.Column {
	return parts(bins, addresses, Features(), Addresses)
}

// PartsOf is Parts of the columns that a table has: files without addresses have none.
func PartsOf(t *table.Table, bins, addresses int) []encode.Column {
	return parts(bins, addresses, Known(t, Features()...), Known(t, Addresses...))
}

func parts(bins, most int, numbers, addresses []string) (parts []encode.Column) {
	for _, name := range numbers {
		parts = append(parts, encode.Quantiles(name, bins))
	}
	if most == 0 {
		return parts
	}
	for _, name := range addresses {
		parts = append(parts, encode.Categories(name, max(most, 0)))
	}
	return parts
}

// Attacks gives for each flow 0 when its label is Benign, and else 1. Flows that are all of one kind are an error: there
// is nothing to tell apart.
func (f *Flows) Attacks() ([]int, error) {
	class := make([]int, f.rows)
	n := 0
	for i := range class {
		if f.Values(i, Label)[0] != Benign {
			class[i] = 1
			n++
		}
	}
	if n == 0 || n == f.rows {
		return nil, fmt.Errorf("cic2017: %d of %d flows are attacks: want flows with the label %s and flows with another", n, f.rows, Benign)
	}
	return class, nil
}
