package chart

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// ticks puts about want ticks at round numbers, all with labels.
type ticks struct{ want int }

// Ticks implements plot.Ticker.
func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	step := roundStep((hi - lo) / float64(t.want))
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var all []plot.Tick
	first := math.Ceil(lo/step - 1e-9)
	for i := range 3 * t.want {
		k := first + float64(i)
		v := k * step // a multiple, so that rounding errors do not add up
		if v > hi+step*1e-9 {
			break
		}
		label := strconv.FormatFloat(v, 'f', digits, 64)
		switch {
		case k == 0:
			v, label = 0, "0"
		case step < 1e-4:
			label = strconv.FormatFloat(v, 'g', 3, 64)
		case step >= 1e6:
			label = strconv.FormatFloat(v/1e6, 'f', -1, 64) + "M"
		}
		all = append(all, plot.Tick{Value: v, Label: label})
	}
	return all
}

// roundStep returns the smallest of 1, 2 and 5 times a power of ten that is not below least.
func roundStep(least float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= least*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// maxSteps is the maximum number of steps in a range of values.
const maxSteps = 1000

// stepTicks puts ticks at the multiples of a step, and labels about want of them, or somewhat more.
type stepTicks struct {
	step float64
	want int
}

// Ticks implements plot.Ticker.
func (t stepTicks) Ticks(lo, hi float64) []plot.Tick {
	first, last := int(math.Ceil(lo/t.step-1e-9)), int(math.Floor(hi/t.step+1e-9))
	every := int(roundStep(max(1, float64(last-first)/float64(2*t.want))))
	digits := len(strconv.FormatFloat(t.step-math.Trunc(t.step), 'f', -1, 64)) - len("0.")
	var all []plot.Tick
	for k := first; k <= last; k++ {
		tick := plot.Tick{Value: float64(k) * t.step}
		if k%every == 0 {
			tick.Label = strconv.FormatFloat(tick.Value, 'f', digits, 64)
		}
		all = append(all, tick)
	}
	return all
}

// wholeTicks puts ticks at integers only, such as epochs and packets.
type wholeTicks struct{ want int }

// Ticks implements plot.Ticker.
func (t wholeTicks) Ticks(lo, hi float64) []plot.Tick {
	if hi-lo < float64(t.want) {
		var all []plot.Tick
		for v := math.Ceil(lo - 1e-9); v <= hi+1e-9; v++ {
			all = append(all, plot.Tick{Value: v, Label: strconv.Itoa(int(v))})
		}
		return all
	}
	return ticks(t).Ticks(lo, hi)
}

// logTicks puts ticks at powers of ten. Over less than two decades it adds 2 and 5 times the
// powers; over less than one decade it uses round numbers.
type logTicks struct{ want int }

// Ticks implements plot.Ticker; lo is above 0.
func (t logTicks) Ticks(lo, hi float64) []plot.Tick {
	first, last := int(math.Floor(math.Log10(lo)+1e-9)), int(math.Ceil(math.Log10(hi)-1e-9))
	if hi/lo < 10 {
		return ticks(t).Ticks(lo, hi) // too few powers, and almost linear
	}
	factors, every := []float64{1}, 1
	if math.Log10(hi/lo) < 2 {
		factors = []float64{1, 2, 5}
	}
	for (last-first)/every > t.want {
		every++
	}
	var all []plot.Tick
	for e := first; e <= last; e++ {
		for _, f := range factors {
			v := f * math.Pow(10, float64(e))
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: v}
			if (e-last)%every == 0 {
				tick.Label = logLabel(v)
			}
			all = append(all, tick)
		}
	}
	return all
}

func logLabel(v float64) string {
	if v >= 1e-3 && v < 1e5 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	text := strconv.FormatFloat(v, 'e', 0, 64) // 1e-06
	return strings.NewReplacer("e-0", "e-", "e+0", "e", "e+", "e").Replace(text)
}
