package chart_test

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/result/chart"
)

func ExampleLines() {
	loss := chart.Lines{Title: "Loss", X: "epoch", Y: "mean squared error", Series: []chart.Series{
		{Name: "train", Y: []float64{0.004, 0.002, 0.001}},
		{Name: "validation", Y: []float64{0.003, 0.002, 0.0015}, Dashed: true},
	}}
	fmt.Print(loss)
	// Output:
	// Loss (mean squared error over epoch)
	//   train: 3 points, 0.001 … 0.004, first 0.004, last 0.001
	//   validation: 3 points, 0.0015 … 0.003, first 0.003, last 0.0015
}

func ExampleBars() {
	worst := chart.Bars{Title: "Error per feature", Label: "feature", Value: "mean squared error", Top: 2,
		Names: []string{"Length", "Interval", "Window"}, Values: []float64{0.02, 0.0001, 0.3}}
	fmt.Print(worst)
	// Output:
	// Error per feature (mean squared error of 3)
	//   Window: 0.3
	//   Length: 0.02
}

func ExampleHist() {
	scores := chart.Hist{Title: "Scores", X: "1 − mean cosine", Bins: 20,
		Groups: []chart.Group{{Name: "normal", Values: []float64{0.1, 0.2}}, {Name: "attack", Values: []float64{0.4}}},
		Marks:  []chart.Mark{{Name: "threshold", At: 0.3}}}
	fmt.Print(scores)
	// Output:
	// Scores (1 − mean cosine)
	//   normal: 2 values, 0.1 … 0.2, mean 0.15
	//   attack: 1 values, 0.4 … 0.4, mean 0.4
	//   threshold at 0.3
}

func ExampleROC() {
	curve := chart.ROC("LSTM", []float64{0, 0, 1}, []float64{0, 0.8, 1}, 0.9)
	picture, err := curve.SVG()
	fmt.Println(curve.Series[0].Name, len(picture) > 1000, err)
	// Output: LSTM, AUC 0.900 true <nil>
}

func ExampleGrid() {
	a := chart.Lines{Title: "session 3", X: "packet", Y: "bytes",
		Series: []chart.Series{{Name: "true", Y: []float64{66, 54}}}}
	b := chart.Lines{Title: "session 8", X: "packet", Y: "bytes",
		Series: []chart.Series{{Name: "true", Y: []float64{74}}}}
	bundle, err := chart.Grid(2, a, b).MIME()
	fmt.Print(bundle["text/plain"], err)
	// Output:
	// session 3 (bytes over packet)
	//   true: 2 points, 54 … 66, first 66, last 54
	// session 8 (bytes over packet)
	//   true: 1 points, 74 … 74, first 74, last 74
	// <nil>
}
