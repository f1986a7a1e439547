package seq_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

type quiet struct{}

func (quiet) Update(progress.Update) {}

// A session file becomes a sequence file, which is split and cut into batches.
func Example() {
	dir, err := os.MkdirTemp("", "seq")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sessions.csv")
	text := "[1, 10], [2, 20], \n[3, 30], \n[4, 40], [5, 50], [6, 60], \n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		log.Fatal(err)
	}

	sessions, err := seq.OpenSessions(path)
	if err != nil {
		log.Fatal(err)
	}
	defer sessions.Close()
	ctx := progress.With(context.Background(), quiet{}) // without it, a line on standard error
	set, err := seq.Convert(ctx, sessions, filepath.Join(dir, "sessions.arrow"))
	if err != nil {
		log.Fatal(err)
	}
	defer set.Close()
	fmt.Println(set)

	train, test := set.Split(0.3, 2019)
	fmt.Println("train:", train)
	fmt.Println("test: ", test)
	examples := seq.NextStep{Set: train, SequenceLen: 2}
	for batch := range seq.Batches(examples, seq.Order{BatchSize: 1}) {
		fmt.Println("input", batch.Input, "target", batch.Target, "real steps", batch.Lengths)
	}
	// Output:
	// 3 sequences of 2 features: 6 steps, 1 to 3 each, median 2
	// train: 2 sequences of 2 features: 4 steps, 1 to 3 each, median 3
	// test:  1 sequences of 2 features: 2 steps, 2 to 2 each, median 2
	// input [0 0 3 30] target [3 30 0 0] real steps [1]
	// input [0 0 4 40] target [4 40 5 50] real steps [2]
}

func ExamplePermutation() {
	// numpy.random.RandomState(2019).permutation(14)
	fmt.Println(seq.Permutation(14, 2019))
	// Output: [7 1 3 9 0 12 4 11 10 6 13 5 2 8]
}
