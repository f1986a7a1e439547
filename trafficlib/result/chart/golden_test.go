package chart

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures of testdata anew")

// samples are the charts of the first notebook, with made-up numbers.
func samples() map[string]Chart {
	rng := rand.New(rand.NewPCG(1, 1))
	decay := func(n int, from, to, noise float64) []float64 {
		y := make([]float64, n)
		for i := range y {
			y[i] = to + (from-to)*math.Exp(-4*float64(i)/float64(n))*(1+noise*rng.NormFloat64())
		}
		return y
	}
	cosine := Lines{Title: "Cosine similarity by epoch, validation", X: "epoch", Y: "mean cosine", Ordered: true}
	for k := 10; k <= 100; k += 10 {
		var s Series
		s.Name = fmt.Sprintf("first %d", k)
		for e := 5; e <= 50; e += 5 {
			s.X = append(s.X, float64(e))
			s.Y = append(s.Y, 0.95-0.3*math.Exp(-float64(e)/12)-float64(k)*4e-4)
		}
		cosine.Series = append(cosine.Series, s)
	}
	var lengths []Chart
	for i := range 10 {
		truth := make([]float64, 20+rng.IntN(30))
		guess := make([]float64, len(truth))
		for k := range truth {
			truth[k] = []float64{54, 60, 1514, 292, 113}[rng.IntN(5)]
			guess[k] = truth[k]*(0.8+0.3*rng.Float64()) + 30
		}
		name := fmt.Sprintf("normal session %d", 17*i%97)
		if i >= 5 {
			name = fmt.Sprintf("attack session %d", i)
		}
		lengths = append(lengths, Lines{Title: name, X: "packet", Y: "bytes",
			Series: []Series{{Name: "true", Y: truth}, {Name: "predicted", Y: guess, Dashed: true}}})
	}
	panels := Grid(5, lengths...)
	panels.Title = "Packet length, true and predicted"
	errors := Bars{Title: "Error per feature", Label: "feature", Value: "mean squared error", LogY: true}
	for i := range 146 {
		errors.Names = append(errors.Names,
			[]string{"Length", "Cipher suites 49155", "Certificate Maximum certificate length"}[i%3])
		v := math.Pow(10, -1-6*rng.Float64())
		if i%9 == 4 {
			v = 0
		}
		errors.Values = append(errors.Values, v)
	}
	top := errors
	top.Title, top.Top = "The 12 features predicted worst", 12
	var normal, attack []float64
	for range 120 {
		normal = append(normal, 0.12+0.04*rng.NormFloat64())
	}
	for range 20 {
		attack = append(attack, 0.27+0.05*rng.NormFloat64())
	}
	hist := Hist{Title: "Scores of sessions", X: "1 − mean cosine",
		Groups: []Group{{"normal", normal}, {"attack", attack}},
		Marks:  []Mark{{"threshold (95 % of normal)", 0.19}}}
	own := rand.New(rand.NewPCG(2, 2)) // so that the other samples stay the same
	labels := []string{"Benign", "FTP-BruteForce", "SSH-Bruteforce", "DoS attacks-Hulk", "SQL Injection"}
	var days, window []Block
	for d, name := range []string{"Feb 14", "Feb 15", "Feb 21"} {
		b := Block{Name: name}
		for i := range labels {
			row := make([]float64, 20+5*d)
			for k := range row {
				switch {
				case i == 0:
					row[k] = float64(500 + own.IntN(300))
				case (k/4+d)%5 == i:
					row[k] = math.Floor(1000 / math.Pow(6, float64(i-1)) * own.Float64())
				}
			}
			b.Values = append(b.Values, row)
		}
		days = append(days, b)
	}
	var features []string
	for i := range 34 {
		features = append(features, fmt.Sprint("Fwd Pkt Len ", i))
	}
	for k, name := range []string{"normal", "attack"} {
		b := Block{Name: name}
		for range features {
			row := make([]float64, 12)
			for i := range row {
				row[i] = own.NormFloat64() * float64(1+k)
			}
			b.Values = append(b.Values, row)
		}
		window = append(window, b)
	}
	return map[string]Chart{
		"stack": Stack{Title: "Flows by label", X: "day", Y: "flows in 30 minutes", Names: labels, Blocks: days},
		"lanes": Heat{Title: "Flows by label", X: "day", Value: "flows in 30 minutes", Rows: labels, Blocks: days,
			Log: true},
		"window": Heat{Title: "Two windows of flows", X: "flows", Value: "z-score", Rows: features, Blocks: window,
			Range: [2]float64{-3, 3}},
		"confusion": Confusion("Classes of windows", labels,
			[][]int{{812, 3, 0, 11, 0}, {0, 120, 2, 0, 0}, {1, 9, 77, 0, 0}, {40, 0, 0, 38, 0}, {2, 0, 0, 0, 0}}),
		"pr": Overlay(PR("LSTM", []float64{0, 0.4, 0.8, 0.8, 1}, []float64{1, 1, 0.9, 0.6, 0.2}, 0.87, 0.2),
			PR("z-score", []float64{0, 0.2, 0.5, 1}, []float64{1, 0.5, 0.4, 0.2}, 0.41, 0.2)),
		"loss": Lines{Title: "Loss by epoch", X: "epoch", Y: "mean squared error", LogY: true, Series: []Series{
			{Name: "train", Y: decay(40, 4e-3, 1e-3, 0.02)}, {Name: "validation", Y: decay(40, 2.4e-3, 1.1e-3, 0.05),
				Dashed: true}}},
		"cosine": cosine,
		"few": Lines{Title: "Two epochs", X: "epoch", Y: "loss",
			Series: []Series{{Name: "train", Y: []float64{0.5, 0.25}},
				{Name: "one point", X: []float64{2}, Y: []float64{0.3}}}},
		"steps": Lines{Title: "Loss by step", X: "step", Y: "loss", Series: []Series{{Y: decay(20_000, 1, 0.1, 0.3)}}},
		"iterations": Lines{Title: "Training - Loss vs Num of Iterations", X: "Number of iterations", Y: "Loss value",
			YStep: 0.1, Series: []Series{
				{Name: "train", Y: decay(40, 0.45, 0.06, 0.02)}}},
		"bands": Lines{Title: "Bytes, labels and detections", X: "interval", Y: "bytes",
			Series: []Series{{Name: "bytes", Y: decay(40, 9e6, 2e6, 0.1)}},
			Shaded: Bands{"labeled", [][2]float64{{-3, 4}, {8, 12}, {10, 14}, {38, 48}}}, Marked: Verticals{"detected",
				[]float64{3, 11, 20, 60}}},
		"lengths": panels,
		"errors":  errors,
		"top":     top,
		"scores":  hist,
		"roc": ROC("LSTM", []float64{0, 0, 0, 0.02, 0.02, 0.1, 0.1, 0.4, 1},
			[]float64{0, 0.3, 0.6, 0.6, 0.85, 0.85, 0.97, 1, 1}, 0.9634),
	}
}

// TestGolden compares each picture with the last one that was approved. After an intended change,
// run the test with -update and look at the pictures.
func TestGolden(t *testing.T) {
	for name, chart := range samples() {
		t.Run(name, func(t *testing.T) {
			got, err := chart.SVG()
			if err != nil {
				t.Fatal(err)
			}
			again, err := samples()[name].SVG()
			if err != nil || !bytes.Equal(got, again) {
				t.Fatalf("drawn twice it is not the same (%v)", err)
			}
			if len(got) > 60_000 {
				t.Errorf("%d bytes, want some tens of thousands at most", len(got))
			}
			path := filepath.Join("testdata", name+".svg")
			if *update {
				if err := os.WriteFile(path, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("differs from %s", path)
			}
		})
	}
}
