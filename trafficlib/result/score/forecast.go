package score

import (
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A forecast of a series is as long as the series: element i is the forecast of value i, or NaN if
// there is none. So a forecast and the series cannot get out of step.

// Aligned returns the forecast of a series of n values whose last values have the given
// predictions, such as those of a model that reads windows. The first elements are NaN. Aligned
// panics if there are more predictions than values.
func Aligned(n int, predictions []float64) []float64 {
	if len(predictions) > n {
		panic(fmt.Sprintf("score: Aligned: %d predictions for %d values", len(predictions), n))
	}
	return append(slices.Repeat([]float64{math.NaN()}, n-len(predictions)), predictions...)
}

// Persistence returns the persistence forecast, which is y[i-1] for y[i].
func Persistence(y []float64) []float64 { return Lag(y) }

// Lag returns y shifted by one step, with NaN first. A mean up to each value becomes a forecast of
// the next one.
func Lag(y []float64) []float64 {
	if len(y) == 0 {
		return nil
	}
	return append([]float64{math.NaN()}, y[:len(y)-1]...)
}

// WeightedAverage forecasts each value by the weighted mean of the len(weights) values before it.
// The first weight is that of the oldest value: weights 50 and 100 mean (50 y[i-2] + 100 y[i-1]) /
// 150. It panics if there are no weights or their sum is 0.
func WeightedAverage(y []float64, weights ...float64) []float64 {
	var all float64
	for _, w := range weights {
		all += w
	}
	if !(math.Abs(all) > 0) {
		panic(fmt.Sprintf("score: WeightedAverage: the sum of the weights %v is %v", weights, all))
	}
	f := slices.Repeat([]float64{math.NaN()}, len(y))
	for i := len(weights); i < len(y); i++ {
		var sum float64
		for k, w := range weights {
			sum += w * y[i-len(weights)+k]
		}
		f[i] = sum / all
	}
	return f
}

// EWMA returns the exponentially weighted mean of the values up to and including each; Lag turns it
// into a forecast. It is the adjusted ewm(span).mean() of pandas: value i-k has the weight (1-α)ᵏ
// with α = 2/(span+1), and the weights are normalized to the sum 1. It panics if span is below 1.
func EWMA(y []float64, span float64) []float64 {
	if !(span >= 1) || math.IsInf(span, 0) {
		panic(fmt.Sprintf("score: EWMA: span %v", span))
	}
	keep := 1 - 2/(span+1)
	m := make([]float64, len(y))
	var sum, weights float64
	for i, v := range y {
		sum, weights = sum*keep+v, weights*keep+1
		m[i] = sum / weights
	}
	return m
}

// ForecastError measures how far a forecast is from the truth.
type ForecastError struct {
	Steps    int     // number of steps with a forecast
	Relative float64 // mean of |forecast - y| / |y| over the steps where y is not 0; NaN if there are none
	Total    float64 // sum of |forecast - y|
	RMSE     float64 // root of the mean of (forecast - y)²; NaN without steps
	Zeros    int     // steps where y is 0, which have no relative error
}

// Forecasted measures a forecast from index first on. Steps without a forecast do not count. It
// panics if the lengths differ.
func Forecasted(y, forecast []float64, first int) ForecastError {
	if len(y) != len(forecast) {
		panic(fmt.Sprintf("score: Forecasted: %d values, but a forecast of %d", len(y), len(forecast)))
	}
	var e ForecastError
	var relative, squares float64
	for i := max(first, 0); i < len(y); i++ {
		if math.IsNaN(forecast[i]) {
			continue
		}
		d := math.Abs(forecast[i] - y[i])
		e.Steps++
		e.Total += d
		squares += d * d
		if y[i] == 0 {
			e.Zeros++
			continue
		}
		relative += d / math.Abs(y[i])
	}
	e.Relative = relative / float64(e.Steps-e.Zeros)
	e.RMSE = math.Sqrt(squares / float64(e.Steps))
	return e
}

// A Forecast is a forecast with a name.
type Forecast struct {
	Name   string
	Values []float64
}

// Forecasts measures several forecasts over the same steps: those from index first on that all of
// them have. It returns a table with a row for each forecast and the columns forecast, steps,
// relative error (the mean), total error and RMSE.
func Forecasts(y []float64, first int, all ...Forecast) *table.Table {
	all = shared(all)
	names, steps := make([]string, len(all)), make([]int64, len(all))
	relative, total, rmse := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for k, f := range all {
		e := Forecasted(y, f.Values, first)
		names[k], steps[k], relative[k], total[k], rmse[k] = f.Name, int64(e.Steps), e.Relative, e.Total, e.RMSE
	}
	return table.New(table.Col("forecast", names), table.Col("steps", steps), table.Col("relative error", relative),
		table.Col("total error", total), table.Col("RMSE", rmse))
}

// shared returns copies of the forecasts, with NaN at the steps that any of them lacks.
func shared(all []Forecast) []Forecast {
	same := make([]Forecast, len(all))
	for k, f := range all {
		same[k] = Forecast{f.Name, slices.Clone(f.Values)}
		for i := range f.Values {
			if slices.ContainsFunc(all, func(o Forecast) bool { return i < len(o.Values) && math.IsNaN(o.Values[i]) }) {
				same[k].Values[i] = math.NaN()
			}
		}
	}
	return same
}

// Baselines returns forecasts that need no training: the last value, the weighted averages of the
// original of notebook 3, and exponentially weighted means of span 6 and 12.
func Baselines(y []float64) []Forecast {
	return []Forecast{
		{"last value", Persistence(y)},
		{"WMA 50, 100", WeightedAverage(y, 50, 100)},
		{"WMA 10, 20, 30, 60, 80", WeightedAverage(y, 10, 20, 30, 60, 80)},
		{"EWMA, span 6", Lag(EWMA(y, 6))},
		{"EWMA, span 12", Lag(EWMA(y, 12))},
	}
}
