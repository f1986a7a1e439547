// Command volume makes the series of notebook 3: the simulated volume of a backbone link.
//
//	go run ./notebooks/data/make/volume
//
// It writes notebooks/data/volume: fifteen minutes of each of four days, in 180 intervals of 5
// seconds as in the original, and 36 intervals of five minutes of another link that is a thousand
// times as busy. The volume is a first-order autoregressive process, a common model of link
// volumes. Now and then bursts raise it for some intervals and fade. The same seed makes the same
// files. No number comes from a real link.
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/feature/volume"
)

// A link holds the parameters of the volume of a link. Amplitudes are fractions of the mean.
type link struct {
	mean   float64 // bytes of an interval
	noise  float64 // standard deviation of a step
	keep   float64 // fraction of the distance from the mean that is left after a step
	bursts float64 // probability that a burst begins in an interval
	lift   float64 // mean height of a burst
	fade   float64 // fraction of a burst that is left after an interval
	period int     // intervals of a slow oscillation, whose amplitude is a tenth
}

var (
	backbone = link{mean: 2_100_000, noise: 0.10, keep: 0.55, bursts: 0.05, lift: 0.55, fade: 0.6, period: 40}
	other    = link{mean: 13_000_000_000, noise: 0.012, keep: 0.8, bursts: 0.06, lift: 0.12, fade: 0.5, period: 24}
)

// make returns n intervals from start on.
func (l link) make(r *rand.Rand, start time.Time, every time.Duration, n int) volume.Series {
	var s volume.Series
	level, burst := 0.0, 0.0
	phase := r.Float64()
	for i := range n {
		level = l.keep*level + l.noise*r.NormFloat64()
		burst *= l.fade
		if r.Float64() < l.bursts {
			burst += l.lift * (0.6 + 0.8*r.Float64())
		}
		swing := 0.1 * math.Sin(2*math.Pi*(phase+float64(i)/float64(l.period)))
		from := start.Add(time.Duration(i) * every)
		s.From, s.To = append(s.From, from), append(s.To, from.Add(every))
		s.Values = append(s.Values, math.Round(l.mean*max(0.2, 1+level+burst+swing)))
	}
	return s
}

// write writes a series in the format of the original.
func write(path string, s volume.Series) error {
	text := "timestamp\tbytes\n"
	for i, v := range s.Values {
		text += fmt.Sprintf("%s\t%.0f\n", s.From[i].Format(time.DateTime), v)
	}
	return os.WriteFile(path, []byte(text), 0o666)
}

func main() {
	log.SetFlags(0)
	dir := filepath.Join("notebooks", "data", "volume")
	if _, err := os.Stat(filepath.Join("notebooks", "data")); err != nil {
		log.Fatal(err, " (run this from the root of the checkout)")
	}
	for week := range 4 {
		day := time.Date(2019, 1, 7+7*week, 5, 0, 0, 0, time.UTC)
		s := backbone.make(rand.New(rand.NewPCG(3, uint64(week))), day, 5*time.Second, 180)
		if err := write(filepath.Join(dir, day.Format("day-20060102.csv")), s); err != nil {
			log.Fatal(err)
		}
	}
	s := other.make(rand.New(rand.NewPCG(3, 100)), time.Date(2002, 8, 14, 16, 0, 0, 0, time.UTC), 5*time.Minute, 36)
	if err := s.WriteCSV(filepath.Join(dir, "other-link.csv")); err != nil {
		log.Fatal(err)
	}
}
