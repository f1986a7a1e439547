package score

import (
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Forecasts of a series are as long as the series: at i stands what was said of value i before it was known, and NaN where
// nothing was. So a forecast and what it is of can not slip against each other.

// Aligned makes a forecast of a series of n values out of the predictions of its last len(predictions) values, as a model
// that reads windows gives them: NaN stands before them. It panics when there are more predictions than values.
func Aligned(n int, predictions []float64) []float64 {
	if len(predictions) > n {
		panic(fmt.Sprintf("score: Aligned: %d predictions of %d values", len(predictions), n))
	}
	return append(slices.Repeat([]float64{math.NaN()}, n-len(predictions)), predictions...)
}

// LastValue is the baseline that says of each value that it is the one before.
func Persistence(y []float64) []float64 { return Lag(y) }

// Later gives y one step later: a mean that includes each value becomes a forecast of the next.
func Lag(y []float64) []float64 {
	if len(y) == 0 {
		return nil
	}
	return append([]float64{math.NaN()}, y[:len(y)-1]...)
}

// WeightedAverage forecasts each value by the mean of the len(weights) values before it, of which the oldest has the first
// weight: with weights 50 and 100, (50 y[i-2] + 100 y[i-1]) / 150. It panics without weights, or when their sum is 0.
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

// EWMA gives the exponentially weighted mean of the values up to each, itself included, of which Later makes a forecast. It
// is pandas' ewm(span).mean(), adjusted: of value i-k the weight is (1-α)ᵏ, α = 2/(span+1), and the weights that there are
// make 1 together. It panics when span is below 1.
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

// ForecastError says how far a forecast is from the truth.
type ForecastError struct {
	Steps    int     // that were forecast
	Relative float64 // the mean of |forecast - y| / |y|, over the steps whose value is not 0; NaN of none
	Total    float64 // the sum of |forecast - y|
	RMSE     float64 // the root of the mean of (forecast - y)²; NaN of none
	Zeros    int     // steps whose value is 0, which have no relative error
}

// Forecasted measures a forecast of the values from number first on, so that several are measured over the same steps.
// Steps without a forecast do not count. It panics when the lengths differ.
func Forecasted(y, forecast []float64, first int) ForecastError {
	if len(y) != len(forecast) {
		panic(fmt.Sprintf("score: Forecasted: %d values and a forecast of %d", len(y), len(forecast)))
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

// A Forecast is a forecast with its name.
type Forecast struct {
	Name   string
	Values []float64
}

// Forecasts measures several forecasts over the same steps, those from number first on that all of them have: a table with a
// row for each, and the columns forecast, steps, relative error (the mean), total error and RMSE.
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

// shared returns forecasts without the values of steps that one of them lacks.
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

// Baselines gives the forecasts that need no training: the last value, the weighted averages of the original of notebook 3,
// and exponentially weighted ones of span 6 and 12.
func Baselines(y []float64) []Forecast {
	return []Forecast{
		{"last value", Persistence(y)},
		{"WMA 50, 100", WeightedAverage(y, 50, 100)},
		{"WMA 10, 20, 30, 60, 80", WeightedAverage(y, 10, 20, 30, 60, 80)},
		{"EWMA, span 6", Lag(EWMA(y, 6))},
		{"EWMA, span 12", Lag(EWMA(y, 12))},
	}
}
