package nb_test

import (
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/nb"
)

func Example() {
	steps := nb.Must(strconv.Atoi("120"))
	nb.Show("steps:", steps)
	// Output:
	// steps:
	// 120
}
