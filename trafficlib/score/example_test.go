package score_test

import (
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/score"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
)

// Scores of two groups, a threshold that one normal session in ten exceeds, and what it finds.
func ExampleROC() {
	normal := []float64{0.02, 0.03, 0.03, 0.04, 0.05, 0.05, 0.06, 0.07, 0.08, 0.20}
	attack := []float64{0.06, 0.19, 0.25, 0.30}
	curve, err := score.ROC(normal, attack)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(curve)
	threshold := score.Quantile(normal, 0.9)
	fmt.Printf("threshold %.3f\n", threshold)
	fmt.Print(score.Confuse(normal, attack, threshold))
	// Output:
	// ROC: AUC 0.8875, 12 points
	// threshold 0.092
	//         alarm  no alarm
	// attack      3         1
	// normal      1         9
	// precision 0.750, recall 0.750, F1 0.750, accuracy 0.857
}

// The baseline predicts that each packet is like the one before it.
func ExamplePredictions_AddRepeatLast() {
	sessions := seq.New(2, []float32{60, 1, 60, 1, 1500, 0}) // one session of three packets of two features
	var scores score.Predictions
	if err := scores.AddRepeatLast("normal", seq.NextStep{Set: sessions}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d steps, mean cosine %.4f\n", scores.Sessions[0].Steps, scores.Cosines("normal")[0])
	// Output: 3 steps, mean cosine 0.6666
}

// The baseline that counts knows how normal conversations go, and is surprised by one that ends at once.
func ExampleTransitions() {
	normal := [][]string{
		{"TCP syn", "TCP ack syn", "TCP ack", "HTTP ack push", "TCP ack fin"},
		{"TCP syn", "TCP ack syn", "TCP ack", "HTTP ack push", "HTTP ack push", "TCP ack fin"},
	}
	baseline, err := score.FitTransitions(normal, 0.1)
	if err != nil {
		log.Fatal(err)
	}
	scan := []string{"TCP syn", "TCP ack reset"}
	fmt.Printf("normal %.2f, scan %.2f\n", baseline.Score(normal[0]), baseline.Score(scan))
	// Output: normal 0.29, scan 3.26
}
