package score

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func closeTo(a, b, relative float64) bool { return math.Abs(a-b) <= relative*math.Abs(b) }

// TestForecastPandas compares forecasts, labels and matches with testdata/golden_forecast.py, on a
// simulated series.
func TestForecastPandas(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_forecast.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Values          []float64
		Weighted        map[string][]*float64
		EWMA            map[string][]float64
		Relative, Total map[string]float64
		Ranges          [][2]int
		Marked, Drops   []int
		Pairs, Missed   int
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	y := g.Values
	weights := map[string][]float64{"2": {50, 100}, "5": {10, 20, 30, 60, 80}}
	if len(g.Weighted) != len(weights) || len(g.EWMA) != 4 || len(g.Ranges) < 5 || len(g.Drops) < 3 {
		t.Fatalf("the golden file has %d, %d, %d and %d cases", len(g.Weighted), len(g.EWMA), len(g.Ranges),
			len(g.Drops))
	}
	for k, want := range g.Weighted {
		for i, v := range WeightedAverage(y, weights[k]...) {
			if want[i] == nil != math.IsNaN(v) || want[i] != nil && !closeTo(v, *want[i], 1e-12) {
				t.Fatalf("weighted average %s: value %d is %v, want %v", k, i, v, want[i])
			}
		}
	}
	for k, want := range g.EWMA {
		span, err := strconv.ParseFloat(k, 64)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range EWMA(y, span) {
			if !closeTo(v, want[i], 1e-12) {
				t.Fatalf("EWMA %s: value %d is %v, want %v", k, i, v, want[i])
			}
		}
	}
	for name, f := range map[string][]float64{"weighted 2": WeightedAverage(y, 50, 100),
		"weighted 5": WeightedAverage(y, 10, 20, 30, 60, 80),
		"last":       Persistence(y), "ewma 6": Lag(EWMA(y, 6))} {
		if got := Forecasted(y, f, 0).Relative; !closeTo(got, g.Relative[name], 1e-12) {
			t.Errorf("%s: relative error %v, want %v", name, got, g.Relative[name])
		}
	}
	if got := Forecasted(y, Persistence(y), 0).Total; !closeTo(got, g.Total["last"], 1e-12) {
		t.Errorf("total error %v, want %v", got, g.Total["last"])
	}
	ranges := Around(Rises(y, 1.3), 5)
	if len(ranges) != len(g.Ranges) {
		t.Fatalf("%d ranges, want %d", len(ranges), len(g.Ranges))
	}
	for i, r := range ranges {
		if want := g.Ranges[i]; r != (Range{want[0], want[1]}) {
			t.Errorf("range %d is %v, want %v", i, r, want)
		}
	}
	inside := Inside(ranges, len(y))
	for i, labeled := range inside {
		if want := slices.Contains(g.Marked, i); labeled != want {
			t.Errorf("point %d: labeled %v, want %v", i, labeled, want)
		}
	}
	if m := Match(ranges, g.Drops, false); m.Pairs != g.Pairs || m.Missed != g.Missed {
		t.Errorf("%d pairs and %d missed, want %d and %d", m.Pairs, m.Missed, g.Pairs, g.Missed)
	}
}

// TestBackbone compares labels and baselines with known results of two real days.
func TestBackbone(t *testing.T) {
	type day struct {
		N         int
		Ranges5   [][2]int  `json:"slope_gt_1_3_ranges_5s"`
		Ranges10  [][2]int  `json:"slope_gt_1_3_ranges_10s"`
		Label10   int       `json:"labeled_10s"`
		EWMA      []float64 `json:"ewma6_first5"`
		Last      float64   `json:"ewma6_last"`
		MRE       float64   `json:"wma2_forecast_mre"`
		LastValue float64   `json:"naive_forecast_mre"`
		EWMAMean  float64   `json:"ewma6_rel_err_mean"`
	}
	data, err := os.ReadFile(shareddata.Dir(t, "mawi_caida_tma", "derived_summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var days map[string]json.RawMessage
	if err := json.Unmarshal(data, &days); err != nil {
		t.Fatal(err)
	}
	for name, inside := range map[string]int{"mawi_clean_dataset_20160109": 75,
		"mawi_clean_dataset_5_sec_windows_20190105": 52} {
		var g day
		if err := json.Unmarshal(days[name], &g); err != nil {
			t.Fatal(err)
		}
		y := column(t, shareddata.Dir(t, "mawi_caida_tma", name+".csv"))
		if len(y) != 180 {
			t.Fatalf("%s: %d values", name, len(y))
		}
		check := func(ranges []Range, want [][2]int, labeled int) {
			t.Helper()
			if got := fmt.Sprint(ranges); got != fmt.Sprint(toRanges(want)) {
				t.Errorf("%s: ranges %v, want %v", name, got, want)
			}
			n := 0
			for _, is := range Inside(ranges, len(y)) {
				if is {
					n++
				}
			}
			if labeled > 0 && n != labeled {
				t.Errorf("%s: %d labeled points, want %d", name, n, labeled)
			}
		}
		check(Around(Rises(y, 1.3), 5), g.Ranges5, inside)
		var ten []float64
		for i := 0; i+1 < len(y); i += 2 {
			ten = append(ten, y[i]+y[i+1])
		}
		check(Around(Rises(ten, 1.3), 5), g.Ranges10, g.Label10)
		m := EWMA(y, 6)
		for i, want := range append(g.EWMA, g.Last) {
			got := m[i]
			if i == len(g.EWMA) {
				got = m[len(m)-1]
			}
			if !closeTo(got, want, 1e-12) {
				t.Errorf("%s: EWMA value %d is %v, want %v", name, i, got, want)
			}
		}
		if e := Forecasted(y, m, 0); !closeTo(e.Relative, g.EWMAMean, 1e-12) {
			t.Errorf("%s: EWMA against its own values: %v, want %v", name, e.Relative, g.EWMAMean)
		}
		if e := Forecasted(y, WeightedAverage(y, 50, 100), 2); e.Steps != 178 || !closeTo(e.Relative, g.MRE, 1e-12) {
			t.Errorf("%s: WMA %+v, want %v over 178 steps", name, e, g.MRE)
		}
		if e := Forecasted(y, Persistence(y), 2); e.Steps != 178 || !closeTo(e.Relative, g.LastValue, 1e-12) {
			t.Errorf("%s: last value %+v, want %v over 178 steps", name, e, g.LastValue)
		}
	}
}

func toRanges(pairs [][2]int) []Range {
	var ranges []Range
	for _, p := range pairs {
		ranges = append(ranges, Range{p[0], p[1]})
	}
	return ranges
}

// column returns the second column of a CSV file.
func column(t *testing.T, path string) (y []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		v, err := strconv.ParseFloat(r[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		y = append(y, v)
	}
	return y
}

func TestMatch(t *testing.T) {
	ranges := []Range{{12, 22}, {43, 53}, {54, 64}, {72, 82}, {78, 88}}
	predicted := []int{17, 22, 29, 44, 51, 62, 63, 78, 84, 85, 86}
	for _, c := range []struct {
		closed              bool
		pairs, hits, missed int
		precision, recall   float64
	}{{false, 9, 9, 0, 9. / 11, 1}, {true, 11, 10, 0, 1, 1}} {
		m := Match(ranges, append(predicted, 17), c.closed) // one of them twice
		if m.Pairs != c.pairs || m.Hits != c.hits || m.Missed != c.missed || m.Detections != 11 ||
			m.PairPrecision() != c.precision || m.Recall() != c.recall {
			t.Errorf("closed %v: %+v, want %+v", c.closed, m, c)
		}
	}
	if f1 := Match(ranges, predicted, false).F1(); !closeTo(f1, 0.9, 1e-12) {
		t.Errorf("F1 %v, want 0.9", f1)
	}
	if m := Match(ranges, nil, false); m.Missed != 5 || m.Recall() != 0 || !math.IsNaN(m.PairPrecision()) ||
		!math.IsNaN(m.F1()) {
		t.Errorf("no detections: %+v", m)
	}
	if m := Match(nil, predicted, false); m.PairPrecision() != 0 || !math.IsNaN(m.Recall()) {
		t.Errorf("no ranges: %+v", m)
	}
	if m := Match(ranges, []int{30}, false); m.F1() != 0 {
		t.Errorf("only a false alarm: F1 %v, want 0", m.F1())
	}
	// A detection in two ranges is two pairs, so that PairPrecision is above 1.
	if m := Match([]Range{{0, 10}, {2, 12}}, []int{5}, false); m.PairPrecision() != 2 || m.Precision() != 1 {
		t.Errorf("overlapping ranges: %+v", m)
	}
}

func TestDetections(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		what string
		got  []int
		want []int
	}{
		{"rises", Rises([]float64{1, 1.5, 1.5, 0, 0, 2, nan, 3, 6}, 1.5), []int{1, 5, 8}},
		{"rises at the threshold", Rises([]float64{10, 15, 22.5}, 1.5), []int{1, 2}},
		{"rises of a forecast", RisesFrom([]float64{10, 10, 20}, []float64{nan, 12, 13}, 1.3), []int{2}},
		{"residuals", Residuals([]float64{10, 10, 10, 0, 0}, []float64{nan, 12, 11, 0, 1}, 0.2), []int{1, 4}},
		{"an infinite value", Rises([]float64{1, inf, 1}, 1.3), []int{1}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if e := Forecasted([]float64{0, 10, 10}, []float64{5, nan, 12}, 0); e.Steps != 2 || e.Zeros != 1 ||
		!closeTo(e.Relative, 0.2, 1e-15) || e.Total != 7 {
		t.Errorf("with a value of 0: %+v", e)
	}
	if e := Forecasted([]float64{1}, []float64{nan}, 0); e.Steps != 0 || !math.IsNaN(e.Relative) ||
		!math.IsNaN(e.RMSE) || e.Total != 0 {
		t.Errorf("nothing forecast: %+v", e)
	}
	if a := Aligned(4, []float64{3, 4}); !math.IsNaN(a[1]) || a[2] != 3 || a[3] != 4 || len(a) != 4 {
		t.Errorf("aligned: %v", a)
	}
}

// TestForecastsOverTheSame checks that forecasts are measured over the steps that all of them have.
func TestForecastsOverTheSame(t *testing.T) {
	nan := math.NaN()
	y := []float64{1, 2, 3, 4, 5}
	got := Forecasts(y, 1, Forecast{"late", []float64{nan, nan, nan, 5, 5}},
		Forecast{"early", []float64{nan, 9, 9, 4, 6}}, Forecast{"gap", []float64{nan, 2, 3, nan, 5}})
	if steps := table.Values[int64](got, "steps"); !slices.Equal(steps, []int64{1, 1, 1}) {
		t.Errorf("%d steps", steps)
	}
	if total := got.Float64s("total error"); !slices.Equal(total, []float64{0, 1, 0}) {
		t.Errorf("errors %v", total)
	}
}

func TestMeanWhere(t *testing.T) {
	even := func(_, step int) bool { return step%2 == 0 }
	got := MeanWhere([][]float64{{1, 100, 3}, {5}, {}}, even)
	if got[0] != 2 || got[1] != 5 || !math.IsNaN(got[2]) {
		t.Error(got)
	}
}

// TestForecastsOfTheOriginal computes the published errors of the original's averages on a real
// day, each over all steps that it has.
func TestForecastsOfTheOriginal(t *testing.T) {
	day, err := table.ReadCSV(shareddata.Dir(t, "mawi_caida_tma", "mawi_clean_dataset_5_sec_windows_20190105.csv"),
		table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	y := day.Float64s("B")
	for _, c := range []struct {
		name     string
		forecast []float64
		first    int
		want     float64
	}{{"WMA 50, 100", WeightedAverage(y, 50, 100), 2, 0.10898}, {"last value", Persistence(y), 2,
		0.11365}, {"last value", Persistence(y), 1, 0.11310}} {
		if got := Forecasted(y, c.forecast, c.first).Relative; math.Abs(got-c.want) > 5e-6 {
			t.Errorf("%s from step %d: relative error %.6f, want %.5f", c.name, c.first, got, c.want)
		}
	}
	all := Forecasts(y, 2, Baselines(y)...)
	if steps := all.Column("steps").Float64s(); slices.Min(steps) != slices.Max(steps) {
		t.Errorf("they are measured over %v steps", steps)
	}
}
