package fit

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// wave is a synthetic series for forecasting.
func wave(n int) seq.Windows {
	rows := make([]float32, n)
	for i := range rows {
		rows[i] = float32(0.5 + 0.4*math.Sin(float64(i)/3))
	}
	return seq.Windows{Set: seq.New(1, rows), Past: 3}
}

// moved returns the largest change of each weight from one snapshot to another.
func moved(from, to *snapshot.Snapshot) map[string]float64 {
	m := map[string]float64{}
	for name, w := range from.Weights {
		for i, v := range w.Data {
			m[name] = max(m[name], math.Abs(float64(to.Weights[name].Data[i]-v)))
		}
	}
	return m
}

// TestRates freezes a layer, slows down another, and resumes such a training.
func TestRates(t *testing.T) {
	first, err := New(rnn.Forecaster{Features: 1, Hidden: 4, Last: true, Dense: true}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Optimizer{Adam, AdamW, RMSProp, SGD} {
		tune := func(name string, rates map[string]float64, steps int) *snapshot.Snapshot {
			t.Helper()
			run, err := Train(t.Context(), backends.Go(t), first, wave(40),
				Config{Dir: filepath.Join(t.TempDir(), name), Steps: steps, BatchSize: 8, Optimizer: o,
					LearningRate: 0.01, Rates: rates, ClipNorm: 1})
			if err != nil {
				t.Fatal(err)
			}
			return run.Snapshot
		}
		frozen := moved(first, tune("frozen", map[string]float64{"lstm": 0}, 20))
		for name, by := range frozen {
			if strings.HasPrefix(name, "lstm/") != (by == 0) {
				t.Errorf("%s: with the LSTM frozen, %s moved by %v", o, name, by)
			}
		}
		// The rate scales the length of a step.
		plain, slow := moved(first, tune("plain", nil, 1)),
			moved(first, tune("slow", map[string]float64{"lstm": 0.1, "lstm/bias": 0.5}, 1))
		for name, want := range map[string]float64{
			"lstm/kernel":           0.1,
			"lstm/recurrent_kernel": 0.1,
			"lstm/bias":             0.5,
			"dense/kernel":          1,
			"dense/bias":            1,
		} {
			if got := slow[name] / plain[name]; !(math.Abs(got-want) < 0.02*want+2e-7/plain[name]) { // weights are float32
				t.Errorf("%s: %s moved %.4f times as far, want %v", o, name, got, want)
			}
		}
	}
	for want, rates := range map[string]map[string]float64{
		`no weight or layer "gru": there are lstm/kernel`: {"gru": 0},
		`-1 for "dense"`:         {"dense": -1},
		"nothing is left to tra": {"dense": 0, "lstm": 0},
	} {
		if _, err := Train(t.Context(), backends.Go(t), first, wave(40),
			Config{Dir: t.TempDir(), Rates: rates}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", rates, err, want)
		}
	}
	// A training resumes only with the rates that it had.
	c := Config{Dir: filepath.Join(t.TempDir(), "run"), Steps: 4, BatchSize: 8, Rates: map[string]float64{"lstm": 0}}
	if _, err := Train(t.Context(), backends.Go(t), first, wave(40), c); err != nil {
		t.Fatal(err)
	}
	c.Steps = 8
	if run, err := Train(t.Context(), backends.Go(t), first, wave(40), c); err != nil || run.Resumed != 4 {
		t.Errorf("resumed: %v, %v", run, err)
	}
	c.Rates = nil
	if _, err := Train(t.Context(), backends.Go(t), first, wave(40), c); err == nil ||
		!strings.Contains(err.Error(), "Rates map[lstm:0], now it is map[]") {
		t.Errorf("other rates: %v", err)
	}
}
