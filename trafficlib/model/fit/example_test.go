package fit_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// A model learns the first part of a series and forecasts the rest, each step from the eight before
// it. Its errors are compared with those of persistence, the forecast that nothing changes.
func ExampleTrain() {
	dir, err := os.MkdirTemp("", "fit")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	series := make([]float32, 200)
	for t := range series {
		series[t] = float32(math.Sin(float64(t) / 2))
	}
	set := seq.New(1, series[:150], series[150:]).WithParts("train", "test")

	backend, err := device.Open("go")
	if err != nil {
		log.Fatal(err)
	}
	ctx := progress.With(context.Background(), progress.Discard)
	untrained, err := fit.New(rnn.Forecaster{Features: 1, Hidden: 8, Dense: true, Last: true}, 0)
	if err != nil {
		log.Fatal(err)
	}
	run, err := fit.Train(ctx, backend, untrained, set.Windows(8, 1, "train"),
		fit.Config{Dir: dir, Epochs: 20, LearningRate: 0.02})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run)

	predicted, err := fit.Predict(ctx, backend, run.Snapshot, set.Windows(8, 1, "test"))
	if err != nil {
		log.Fatal(err)
	}
	scores, err := predicted.Scores()
	if err != nil {
		log.Fatal(err)
	}
	persistence, err := score.RepeatLast(set.Windows(8, 1, "test"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(scores.Sessions), "forecasts; a tenth of the error of persistence:",
		score.Mean(scores.MSEs("test")) < score.Mean(persistence.MSEs("test"))/10)
	// Output:
	// trained to step 60: snapshot step-000060
	// 42 forecasts; a tenth of the error of persistence: true
}
