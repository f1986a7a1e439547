// Package tlssim simulates TLS sessions, for tests and benchmarks of sessions that need no capture.
//
// It takes a random number generator and returns sessions as rows of the features of package
// tlsfeat: normal ones, and those of a renegotiation flood. Lengths, times and flags follow the
// protocols and typical programs around 2016. No number comes from real traffic.
package tlssim

import "github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"

// Width is the number of features of a packet.
const Width = tlsfeat.Width

// Packet is one row: the features in the order of package tlsfeat.
type Packet [Width]float64

// manyHot sets the columns of a group to 1 for the given values.
func (p *Packet) manyHot(first int, values []int) {
	for _, v := range values {
		p[tlsfeat.Column(first, v)] = 1
	}
}
