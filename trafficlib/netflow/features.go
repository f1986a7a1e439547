package netflow

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/encode"
)

// Parts says how flows become features: each number as one of so many bins, which are quantiles of the flows that the
// encoder is fitted on, and each address that these have as a feature of its own, the most frequent addresses of each
// column alone; 0 addresses leaves all of them out, and a negative number takes all.
func Parts(bins, addresses int) (parts []encode.Part) {
	for _, name := range Features() {
		parts = append(parts, encode.Quantiles(name, bins))
	}
	if addresses == 0 {
		return parts
	}
	for _, name := range Addresses {
		parts = append(parts, encode.Seen(name, max(addresses, 0)))
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
		return nil, fmt.Errorf("netflow: %d of %d flows are attacks: want flows with the label %s and flows with another", n, f.rows, Benign)
	}
	return class, nil
}
