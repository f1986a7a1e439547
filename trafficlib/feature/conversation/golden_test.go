package conversation

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// golden is the output of testdata/golden_pandas.py.
type golden struct {
	Names []string
	Stats stats
	Rows  [][]float64
	DARPA struct {
		Rows          int
		Stats         stats
		Sums, Moments []float64
		First, Last   []float64
	}
}

type stats map[string]struct{ Mean, SD float64 }

func readGolden(t *testing.T) golden {
	t.Helper()
	data, err := os.ReadFile("testdata/golden_pandas.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func close64(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*max(1, math.Abs(b)) }

// fitted compares the mean and standard deviation that the encoder keeps with those of pandas.
func (want stats) fitted(t *testing.T, c *encode.TableEncoder) {
	t.Helper()
	data, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Columns []struct {
			Column   string
			Mean, SD float64
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, got := range file.Columns {
		if w, ok := want[got.Column]; ok {
			seen++
			if !close64(got.Mean, w.Mean, 1e-13) || !close64(got.SD, w.SD, 1e-13) {
				t.Errorf("%s: mean %v and sd %v, pandas has %v and %v", got.Column, got.Mean, got.SD, w.Mean, w.SD)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d columns are there", seen, len(want))
	}
}

// Encoded rows equal those of pandas to the last bit of a float32.
func TestGoldenRows(t *testing.T) {
	g := readGolden(t)
	packets, err := table.ReadCSV("testdata/golden_pandas.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := encode.FitTable(packets, Features(false)...)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(enc.Names(), g.Names) || enc.Features() != 25 {
		t.Fatalf("features %q, want %q", enc.Names(), g.Names)
	}
	g.Stats.fitted(t, enc)
	got, err := enc.Encode(packets)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(g.Rows...)
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i] != float32(w) {
			t.Errorf("row %d: %s is %v, want %v", i/25, g.Names[i%25], got[i], float32(w))
		}
	}
}

// The encoded sequences of the sample equal those of pandas: mean and deviation, the first and last
// row, and for each feature the sum of its values, and that of each value times the number of its
// row.
func TestGoldenDARPA(t *testing.T) {
	g := readGolden(t)
	packets := darpa(t, "derived_seqs_all.csv").Table
	enc, err := encode.FitTable(packets, Features(false)...)
	if err != nil {
		t.Fatal(err)
	}
	g.DARPA.Stats.fitted(t, enc)
	rows, err := enc.Encode(packets)
	if err != nil {
		t.Fatal(err)
	}
	if packets.NumRows() != g.DARPA.Rows {
		t.Fatalf("%d rows, want %d", packets.NumRows(), g.DARPA.Rows)
	}
	n := packets.NumRows()
	for f, name := range enc.Names() {
		if first, last := rows[f], rows[(n-1)*25+f]; first != float32(g.DARPA.First[f]) || last != float32(g.DARPA.Last[f]) {
			t.Errorf("%s: %v … %v, want %v … %v", name, first, last, float32(g.DARPA.First[f]), float32(g.DARPA.Last[f]))
		}
		var sum, moment, size float64
		for i := range n {
			v := float64(rows[i*25+f])
			sum, moment, size = sum+v, moment+v*float64(i+1), size+math.Abs(v)*float64(i+1)
		}
		// Each value is rounded to a float32, by at most half a unit in its last place: 2^-24 of the
		// value.
		if slack := size / (1 << 24); math.Abs(moment-g.DARPA.Moments[f]) > slack+1e-6 ||
			math.Abs(sum-g.DARPA.Sums[f]) > slack/100+1e-3 {
			t.Errorf("%s: sum %v and moment %v, want %v and %v", name, sum, moment, g.DARPA.Sums[f], g.DARPA.Moments[f])
		}
	}
}
