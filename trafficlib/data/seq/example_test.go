package seq_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// An experiment is one file: it is split, its encoder is fitted on the training part, and whoever
// opens it cuts it into batches.
func Example() {
	dir, err := os.MkdirTemp("", "seq")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sessions.arrow")

	set := seq.New(2, []float32{1, 10, 2, 20}, []float32{3, 30}, []float32{4, 40, 5, 50, 6, 60})
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
	// 3 sequences of 2 features: 6 steps, 1 to 3 each, median 2; 2 train, 1 test
}

func ExamplePermutation() {
	// numpy.random.RandomState(2019).permutation(14)
	fmt.Println(seq.Permutation(14, 2019))
	// Output: [7 1 3 9 0 12 4 11 10 6 13 5 2 8]
}
