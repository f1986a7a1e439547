package encode_test

import (
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

func ExampleL2() {
	rows := []float32{3, 4, 0, 0}
	encode.L2(2).Transform(rows)
	fmt.Println(rows)
	// Output: [0.6 0.8 0 0]
}

// An encoder is fitted on training rows alone, and clipped where test rows may go beyond them.
func ExampleFitMinMax() {
	train := seq.New(2, []float32{60, 0, 1500, 0.5})
	e, err := encode.FitMinMax(train)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Clip())
	test := []float32{780, 1}
	e.Clip().Transform(test)
	fmt.Println(test)
	// Output:
	// min-max: each of 2 features moved to 0 … 1; 0 constant ones to 0; clipped to 0 … 1
	// [0.5 1]
}
