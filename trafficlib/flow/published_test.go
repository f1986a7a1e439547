package flow

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func published(t *testing.T, folder, file string) *table.Table {
	t.Helper()
	p, err := table.ReadCSV(shareddata.Dir(t, folder, file), table.Options{Policy: table.Keep})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The columns of the profiles are those of the published files in the same order, except for those
// left out.
func TestPublishedNames(t *testing.T) {
	left := func(name string) bool { return name == "Fwd Header Length.1" || name == "Label" }
	old := published(t, "cicids2017_85col", "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_first299_BENIGN.csv")
	if got, want := CICFlowMeter.Names(), slices.DeleteFunc(old.Names(), left); !slices.Equal(got, want) ||
		len(got) != 83 {
		t.Errorf("%d columns\n%q\nwant\n%q", len(got), got, want)
	}
	short := published(t, "cse_cic_ids2018_80col", "derived_validation_original_header.csv")
	if got, want := CICFlowMeter2018.Names(), slices.DeleteFunc(short.Names(), left); !slices.Equal(got, want) ||
		len(got) != 79 {
		t.Errorf("%d columns\n%q\nwant\n%q", len(got), got, want)
	}
}

// The captures of the published rows are not available. But the counts, sums, extremes and times of
// a row make a flow, from which the profile's formulas must compute the row's means, rates and,
// where two values determine them, deviations.
func TestPublishedFormulas(t *testing.T) {
	for _, file := range []struct {
		folder, name string
		profile      Profile
		names        []string // of what makes the flow
		rows         int
	}{
		{"cicids2017_85col", "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_first299_BENIGN.csv", CICFlowMeter,
			CICFlowMeter.Names(), 299},
		{"cse_cic_ids2018_80col", "derived_validation_original_header.csv", CICFlowMeter2018, CICFlowMeter2018.Names(), 169},
	} {
		p := published(t, file.folder, file.name)
		// Both profiles have these columns in the same order, one of them four columns earlier.
		at := slices.Index(file.names, "Flow Duration")
		value := func(column, row int) float64 { return p.Column(file.names[at+column]).Float64s()[row] }
		rows, values := 0, 0
		for i := range p.NumRows() {
			v := func(column int) int64 { return int64(value(column, i)) }
			if v(0) < 0 || v(1)+v(2) == 0 || math.Abs(value(0, i)) > 1e12 { // the 1970 rows are broken
				continue
			}
			rows++
			f := Flow{Unit: time.Microsecond, Summary: Summary{Last: v(0), Gaps: known(v(1)+v(2)-1, v(0), v(18), v(17))}}
			f.Forward.Sizes, f.Backward.Sizes = known(v(1), v(3), v(6), v(5)), known(v(2), v(4), v(10), v(9))
			f.Forward.Gaps, f.Backward.Gaps = known(max(0, v(1)-1), v(19), v(23), v(22)),
				known(max(0, v(2)-1), v(24), v(28), v(27))
			got := file.profile.Table([]*Flow{&f})
			check := func(column int, n int64, most int64) {
				name := file.names[at+column]
				got, want := got.Float64s(name)[0], value(column, i)
				switch {
				case n > most:
					return
				case v(0) == 0 && (math.IsInf(want, 0) || math.IsNaN(want)):
					want = 0 // no division by zero
				}
				values++
				exact := 2e-6
				if want >= 1e6 || v(0) >= 1e6 { // there are files in which large numbers, and so sums, have three digits
					exact = 5e-3
				}
				if math.Abs(got-want) > exact*math.Abs(want)+1e-6 {
					t.Errorf("%s, row %d: %s is %v, published %v", file.name, i+1, name, got, want)
				}
			}
			for _, column := range []int{7, 11, 13, 14, 15, 20, 25, 35, 36} { // means and rates, from sums
				check(column, 0, 0)
			}
			check(8, v(1), 2) // deviations, from two values
			check(12, v(2), 2)
			check(16, v(1)+v(2)-1, 2)
			check(21, v(1)-1, 2)
			check(26, v(2)-1, 2)
		}
		if rows < file.rows || values < 10*rows {
			t.Errorf("%s: %d rows, %d values", file.name, rows, values)
		}
	}
}

// known returns statistics with the given count, sum and extremes. For one or two values they
// include the sum of squares.
func known(n, sum, low, high int64) (s Stats) {
	if n > 0 && n <= 2 {
		s.Add(low)
		if n == 2 {
			s.Add(high)
		}
		return s
	}
	return Stats{N: n, Sum: sum, Min: low, Max: high}
}
