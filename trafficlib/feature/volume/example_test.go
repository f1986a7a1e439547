package volume_test

import (
	"fmt"
	"log"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/feature/volume"
)

// Packets are counted into intervals as they arrive. Empty intervals are kept.
func ExampleSum() {
	sum := volume.NewSum(volume.Rules{Every: 5 * time.Second})
	for _, p := range []struct {
		at    time.Duration
		bytes float64
	}{{1 * time.Second, 60}, {4 * time.Second, 1514}, {16 * time.Second, 66}} {
		if err := sum.Add(int64(p.at), p.bytes); err != nil {
			log.Fatal(err)
		}
	}
	s, report := sum.Series()
	fmt.Println(s.Values)
	fmt.Println(report)
	// Output:
	// [1574 0 0 66]
	// 3 rows, 2 intervals without any
}
