package baseline_test

import (
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/model/baseline"
)

// Two detectors learn from normal rows alone, of packets and kilobytes.
func Example() {
	normal := baseline.MatrixOf([]float32{10, 5, 12, 6, 9, 4, 11, 6, 10, 4, 12, 5, 9, 5, 11, 5}, 2)
	seen := baseline.MatrixOf([]float32{10, 5, 12, 90}, 2)
	z, err := baseline.FitZScore(normal)
	if err != nil {
		log.Fatal(err)
	}
	forest, err := baseline.IsolationForest{Seed: 1}.Fit(normal)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f, worst %d\n", z.Scores(seen), z.Worst(seen))
	s := forest.Scores(seen)
	fmt.Println(s[0] < s[1])
	// Output:
	// [0.4 120.2], worst [0 1]
	// true
}

// A regression learns from normal rows and attacks. With Balanced, the rare class weighs as much as
// the frequent one.
func ExampleLogistic() {
	rows := baseline.MatrixOf([]float32{1, 2, 2, 3, 9}, 1)
	model, err := baseline.Logistic{Balanced: true}.Fit(rows, []int{0, 0, 0, 0, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", model.Not(baseline.MatrixOf([]float32{2, 8}, 1), 0))
	// Output: [0.19 0.73]
}
