package nb_test

import (
	"fmt"
	"os"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/nb"
)

func Example() {
	steps := nb.Must(strconv.Atoi("120"))
	nb.Show("steps:", steps)
	// Output:
	// steps:
	// 120
}

// Another notebook or program opens what a cell has saved.
func ExampleOpen() {
	dir := nb.Must(os.MkdirTemp("", "run"))
	defer os.RemoveAll(dir)
	os.Setenv("TRAFFICLAB_WORK", dir) // the kernel does this
	defer os.Unsetenv("TRAFFICLAB_WORK")

	nb.Save(table.New(table.Col("bytes", []int64{60, 1500})), "packets.arrow")
	fmt.Print(nb.Open(table.Open, "packets.arrow"))
	// Output:
	// bytes
	//    60
	//  1500
}
