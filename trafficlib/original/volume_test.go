package original

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/feature/volume"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// TestVolume compares counts by interval with those of the original's code, see golden_windows.py
// of package volume.
func TestVolume(t *testing.T) {
	packets, _, err := volume.ReadFields("../feature/volume/testdata/golden_windows.csv")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../feature/volume/testdata/golden_windows.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Original map[string][][2]int64 }
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	for _, every := range []string{"5", "10", "25"} {
		d, err := time.ParseDuration(every + "s")
		if err != nil {
			t.Fatal(err)
		}
		want := g.Original[every]
		got, report := Volume(packets, d)
		if got.Len() != len(want) || len(want) < 5 || report.Rows != 400 || report.Dropped <= 0 ||
			report.Early == 0 && d < 25*time.Second {
			t.Fatalf("%s s: %d intervals, want %d; %v", every, got.Len(), len(want), report)
		}
		for i, w := range want {
			if got.From[i].UnixNano() != w[0] || got.Values[i] != float64(w[1]) || got.To[i].Sub(got.From[i]) != d {
				t.Errorf("%s s: interval %d from %v is %v, want %v", every, i, got.From[i], got.Values[i], w)
			}
		}
	}
	if s, report := Volume(packets.Head(0), time.Second); s.Len() != 0 || report.Rows != 0 {
		t.Errorf("no packets: %v, %v", s, report)
	}
}

// TestDrops compares drops with those of the original's code, see golden_forecast.py of package
// score.
func TestDrops(t *testing.T) {
	data, err := os.ReadFile("../result/score/testdata/golden_forecast.json")
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	if got := Drops([]float64{nan, 11, 10, 9, 0, 0}, 1.1); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("drops at %v", got)
	}
	var g struct {
		Values []float64
		Drops  []int
	}
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	if drops := Drops(score.EWMA(g.Values, 2), 1.1); len(g.Values) == 0 || !slices.Equal(drops, g.Drops) {
		t.Errorf("drops %v, want %v", drops, g.Drops)
	}
}
