package tlssim

import "github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"

// Width is the number of features of a packet.
const Width = tlsfeat.Width

// Packet is one row: the features in the order of package tlsfeat.
type Packet [Width]float64

// manyHot sets the columns of a group that stand for the given values.
func (p *Packet) manyHot(first int, values []int) {
	for _, v := range values {
		p[tlsfeat.Column(first, v)] = 1
	}
}
