package seq_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// An experiment is one file: it is split, and its encoder is fitted on the training part. A program
// that opens it cuts it into batches.
func Example() {
	dir, err := os.MkdirTemp("", "seq")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sessions.arrow")

	set := seq.New(2, []float32{7, 70}, []float32{0, 0, 2, 20}, []float32{4, 40})
	set, err = set.WithNames("packets", "bytes").Split(seq.Split{Test: 0.3, Seed: 2019})
	if err != nil {
		log.Fatal(err)
	}
	encoder, err := encode.FitMinMax(set.Part("train"))
	if err != nil {
		log.Fatal(err)
	}
	if err := set.WithEncoder(encoder).Save(path); err != nil {
		log.Fatal(err)
	}

	set, err = seq.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer set.Close()
	fmt.Println(set)
	fmt.Println(set.Names(), set.Encoder())
	for batch := range seq.Batches(set.NextStep("train"), seq.Order{BatchSize: 1}) {
		fmt.Println("input", batch.Input, "target", batch.Target, "real steps", batch.Lengths)
	}
	// Output:
	// 3 sequences of 2 features: 4 steps, 1 to 2 each, median 1; 2 train, 1 test
	// [packets bytes] min-max: each of 2 features moved to 0 … 1; 0 constant ones to 0
	// input [0 0 0 0] target [0 0 0.5 0.5] real steps [2]
	// input [0 0 1 1] target [1 1 0 0] real steps [1]
}

func ExamplePermutation() {
	// numpy.random.RandomState(2019).permutation(14)
	fmt.Println(seq.Permutation(14, 2019))
	// Output: [7 1 3 9 0 12 4 11 10 6 13 5 2 8]
}
