package original_test

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/original"
)

// Where a forecast falls by more than a tenth, the published detector reports the previous value.
func ExampleDrops() {
	fmt.Println(original.Drops([]float64{100, 110, 95, 94}, 1.1))
	// Output: [1]
}
