// Command volume makes the series of the third notebook: the volume of a backbone link that does not exist.
//
//	go run ./notebooks/data/make/volume
//
// It takes nothing and writes notebooks/data/volume: four days of fifteen minutes, 180 intervals of 5 seconds, as the
// original's samples of MAWI captures, and 36 intervals of five minutes of another link that is a thousand times as busy.
// The level goes back to its mean after each push (an autoregressive process of the first order, as volumes of
// links are modelled), and now and then transfers come together, which lift it for some intervals and fade. The same
// seed gives the same files; no number is of a real link.
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

// A link says how the volume of its intervals comes about.
type link struct {
	mean    float64 // bytes of an interval
	push    float64 // standard deviation of a step, as part of the mean
	keep    float64 // what part of the distance from the mean is left after a step
	bursts  float64 // chance that one begins in an interval
	lift    float64 // of a burst, as part of the mean
	fade    float64 // what part of a burst is left after an interval
	breathe int     // intervals of a slow swing, of a tenth of the mean
}

var (
	backbone = link{mean: 2_100_000, push: 0.10, keep: 0.55, bursts: 0.05, lift: 0.55, fade: 0.6, breathe: 40}
	other    = link{mean: 13_000_000_000, push: 0.012, keep: 0.8, bursts: 0.06, lift: 0.12, fade: 0.5, breathe: 24}
)

// make gives n intervals from start on.
func (l link) make(r *rand.Rand, start time.Time, every time.Duration, n int) volume.Series {
	var s volume.Series
	level, burst := 0.0, 0.0
	phase := r.Float64()
	for i := range n {
		level = l.keep*level + l.push*r.NormFloat64()
		burst *= l.fade
		if r.Float64() < l.bursts {
			burst += l.lift * (0.6 + 0.8*r.Float64())
		}
		swing := 0.1 * math.Sin(2*math.Pi*(phase+float64(i)/float64(l.breathe)))
		from := start.Add(time.Duration(i) * every)
		s.From, s.To = append(s.From, from), append(s.To, from.Add(every))
		s.Values = append(s.Values, math.Round(l.mean*max(0.2, 1+level+burst+swing)))
	}
	return s
}

// write writes a series as the original writes those of a day.
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
		log.Fatal("run it in the root of the checkout: ", err)
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
