package flowsim_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// A day of ten flows, half of them an attack.
func ExampleFile_Write() {
	var day strings.Builder
	f := flowsim.File{Rows: 10, Start: time.Date(2018, 2, 14, 0, 0, 0, 0, time.UTC), Run: 5,
		Labels: []flowsim.Label{{Name: "Benign", Share: 1}, {Name: "Bot", Share: 1}}}
	if err := f.Write(&day); err != nil {
		log.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(day.String()), "\n")
	fmt.Println(len(lines), "lines of", strings.Count(lines[0], ",")+1, "columns")
	// Output:
	// 11 lines of 80 columns
}
