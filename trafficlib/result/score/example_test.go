package score_test

import (
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// The scores of two groups, a threshold that one of ten normal sessions exceeds, and what it finds.
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

// The baseline predicts that each packet equals the previous one.
func ExampleRepeatLast() {
	sessions := seq.New(2, []float32{60, 1, 60, 1, 1500, 0}) // one session of three packets of two features
	scores, err := score.RepeatLast(sessions.WithParts("test").NextStep())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d steps, mean cosine %.4f\n", scores.Sessions[0].Steps, scores.Cosines("test")[0])
	// Output: 3 steps, mean cosine 0.6666
}

// A Markov chain of normal conversations gives a high score to one that ends at once.
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

// The volume of a link rises twice, and two of three detections are in the ranges around the rises.
func ExampleMatch() {
	bytes := []float64{10, 11, 10, 18, 17, 16, 15, 16, 15, 14, 15, 14, 15, 21, 20}
	ranges := score.Around(score.Rises(bytes, 1.3), 2)
	fmt.Println(ranges)
	fmt.Print(score.Match(ranges, []int{4, 8, 12}, false))
	// Output:
	// [{1 5} {11 15}]
	//             all  matched   part
	// detections    3        2  0.667
	// ranges        2        2  1.000
	// 2 pairs: precision 0.667, recall 1.000, F1 0.800
}

// Three baselines forecast each value from the previous ones.
func ExampleForecasts() {
	bytes := []float64{100, 120, 90, 110, 150}
	fmt.Print(score.Forecasts(bytes, 2,
		score.Forecast{Name: "last value", Values: score.Persistence(bytes)},
		score.Forecast{Name: "weighted 50, 100", Values: score.WeightedAverage(bytes, 50, 100)},
		score.Forecast{Name: "EWMA of span 6", Values: score.Lag(score.EWMA(bytes, 6))}))
	// Output:
	// forecast          steps  relative error  total error     RMSE
	// last value            3        0.260606           90  31.0913
	// weighted 50, 100      3        0.220426           80  30.6715
	// EWMA of span 6        3        0.204612       74.695  29.1866
}

// Two detectors, each with the threshold that one of four normal sequences exceeds.
func ExampleDetectors() {
	normal := []float64{0.1, 0.2, 0.3, 0.4}
	t, err := score.Detectors(
		score.Detector{Name: "good", Normal: normal, Attack: []float64{0.35, 0.8, 0.9},
			Threshold: score.Quantile(normal, 0.75)},
		score.Detector{Name: "blind", Normal: normal, Attack: []float64{0.1, 0.25, 0.4},
			Threshold: score.Quantile(normal, 0.75)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(t.Select("detector", "ROC AUC", "average precision", "precision", "recall"))
	// Output:
	// detector   ROC AUC  average precision  precision    recall
	// good      0.916667           0.916667       0.75         1
	// blind          0.5            0.47619        0.5  0.333333
}
