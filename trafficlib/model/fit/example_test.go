package fit_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// A series is forecast one step ahead from the eight before, by a model that has learned from its first part, and the
// errors on the rest are held against those of saying that nothing changes.
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
	train := seq.Windows{Set: seq.New(1, series[:150]), Past: 8}
	test := seq.Windows{Set: seq.New(1, series[150:]), Past: 8}

	backend, err := device.Open("go")
	if err != nil {
		log.Fatal(err)
	}
	ctx := progress.With(context.Background(), sink(func(progress.Update) {})) // without it, lines on standard error
	model := rnn.Forecaster{Features: 1, Hidden: 8, Dense: true, Last: true}
	run, err := fit.Train(ctx, backend, model, train, fit.Config{Dir: dir, Epochs: 20, LearningRate: 0.02})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run)

	predicted, err := fit.Predict(ctx, backend, run.Snapshot, test)
	if err != nil {
		log.Fatal(err)
	}
	var scores, baseline score.SessionScores
	if err := predicted.AddTo(&scores, "test"); err != nil {
		log.Fatal(err)
	}
	if err := baseline.AddRepeatLast("test", test); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(scores.Sessions), "forecasts; a tenth of the baseline's error:",
		score.Mean(scores.MSEs("test")) < score.Mean(baseline.MSEs("test"))/10)
	// Output:
	// trained to step 60: snapshot step-000060
	// 42 forecasts; a tenth of the baseline's error: true
}
