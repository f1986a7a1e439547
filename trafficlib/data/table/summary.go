package table

import (
	"cmp"
	"math"
	"slices"
)

// Counts returns how often each value of a column occurs, the most frequent first, equal ones by
// value: a column of the same name with the values as text, and a column "count".
func (t *Table) Counts(name string) *Table {
	count := map[string]int64{}
	for _, v := range t.Strings(name) {
		count[v]++
	}
	values := make([]string, 0, len(count))
	for v := range count {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	counts := make([]int64, len(values))
	for i, v := range values {
		counts[i] = count[v]
	}
	other := "count"
	if name == other {
		other = "count of it"
	}
	return New(Col(name, values), Col(other, counts))
}

// Describe returns a row for each column of numbers, as pandas does: how many values there are,
// without missing ones (NaN), their mean, standard deviation (of a sample: divided by n-1),
// minimum, quartiles and maximum. Without values these are NaN.
func (t *Table) Describe() *Table {
	var names, types []string
	var count []int64
	stats := make([][]float64, 7)
	for _, c := range t.columns {
		if !c.numeric() {
			continue
		}
		v := slices.DeleteFunc(slices.Clone(c.Float64s()), math.IsNaN)
		slices.Sort(v)
		names, types, count = append(names, c.name), append(types, c.Type().String()), append(count, int64(len(v)))
		for i, x := range describe(v) {
			stats[i] = append(stats[i], x)
		}
	}
	return New(Col("column", names), Col("type", types), Col("count", count), Col("mean", stats[0]), Col("std", stats[1]),
		Col("min", stats[2]), Col("25%", stats[3]), Col("median", stats[4]), Col("75%", stats[5]), Col("max", stats[6]))
}

// describe returns mean, standard deviation, minimum, the three quartiles and maximum of sorted
// values.
func describe(v []float64) [7]float64 {
	n := len(v)
	if n == 0 {
		nan := math.NaN()
		return [7]float64{nan, nan, nan, nan, nan, nan, nan}
	}
	var sum, squares float64
	for _, x := range v {
		sum += x
	}
	mean := sum / float64(n)
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return [7]float64{mean, math.Sqrt(squares / float64(n-1)),
		v[0], quantile(v, 0.25), quantile(v, 0.5), quantile(v, 0.75), v[n-1]}
}

// quantile returns the value below which the share q of sorted values lies, with linear
// interpolation between values, as pandas does (Hyndman and Fan's type 7).
func quantile(v []float64, q float64) float64 {
	h := q * float64(len(v)-1)
	i := int(h)
	if part := h - float64(i); part > 0 {
		return v[i] + part*(v[i+1]-v[i])
	}
	return v[i] // also if the next one is infinite
}
