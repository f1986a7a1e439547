package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tlssim"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// compiling measures the time from the description of a model to the compiled step, for 16 to 1,024
// time steps: ours beside JAX, and the longest against that of 64 steps.
func compiling(b *bench) (rows []row, err error) {
	at := map[int]float64{}
	for _, steps := range []int{16, 64, 256, 1024} {
		s := shape{Name: fmt.Sprintf("compile, T=%d", steps), Cell: "lstm", B: 64, T: steps, F: 146, H: 256}
		best := map[string]float64{}
		for range min(b.rounds, 3) {
			for _, one := range b.sides {
				if one.name != benchkit.Ours && one.name != "jax" {
					continue
				}
				seconds, err := compileOnce(one, s)
				if err != nil {
					return nil, err
				}
				if was, ok := best[one.name]; !ok || seconds < was {
					best[one.name] = seconds
				}
			}
		}
		at[steps] = best[benchkit.Ours]
		rows = append(rows, newRow(s.Name, best[benchkit.Ours], best["jax"], "jax", "s to compile"))
	}
	longest := newRow("compile, T=1024", at[1024], at[64], "trafficlib at T=64", "s to compile")
	longest.Target = 1.5
	limit := newRow("compile, T=1024", at[1024], 2, "the limit", "s to compile")
	limit.Target = 1
	return append(rows, longest, limit), nil
}

func compileOnce(one side, s shape) (float64, error) {
	p, err := one.start()
	if err != nil {
		return 0, err
	}
	defer p.stop()
	a, err := p.ask(request{Shape: &s})
	return a.Compile, err
}

// bucketing measures epochs of package fit over TLS sessions of different lengths, in turn padded
// to 1,000 steps and in buckets. Both must compute the same masked loss from the same weights.
func bucketing(b *bench) ([]row, error) {
	backend, err := device.Open(b.backend)
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	set, err := b.sessionSet()
	if err != nil {
		return nil, err
	}
	defer set.Close()
	ex := seq.NextStep{Set: set, SequenceLen: 1000, Transform: encode.L2(set.Features())}
	first, err := fit.New(rnn.Forecaster{Features: set.Features(), Output: rnn.ReLU}, 1)
	if err != nil {
		return nil, err
	}
	quiet := benchkit.Quiet()
	forms := map[string]seq.Examples{"padded": padded{ex}, "bucketed": ex}
	spent, losses := map[string]float64{}, map[string]float64{}
	for round := range min(b.rounds, 3) {
		for name, ex := range forms {
			// The difference of a longer and a shorter training leaves out the time to compile.
			more := map[string]int{"padded": 2, "bucketed": 30}[name]
			var seconds [2]float64
			for k, epochs := range []int{1, 1 + more} {
				dir := filepath.Join(b.dir, fmt.Sprint(name, round, k))
				start := time.Now()
				config := fit.Config{Dir: dir, Epochs: epochs, BatchSize: 16}
				if _, err := fit.Train(quiet, backend, first, ex, config); err != nil {
					return nil, err
				}
				seconds[k] = time.Since(start).Seconds()
			}
			if each := (seconds[1] - seconds[0]) / float64(more); round == 0 || each < spent[name] {
				spent[name] = each
			}
		}
	}
	for name, ex := range forms {
		res, err := fit.Evaluate(quiet, backend, first, ex)
		if err != nil {
			return nil, err
		}
		losses[name] = res.Loss()
	}
	if d := math.Abs(losses["padded"] - losses["bucketed"]); !(d <= 1e-6*losses["padded"]) {
		return nil, fmt.Errorf("buckets: the loss is %v padded and %v in buckets", losses["padded"], losses["bucketed"])
	}
	steps := 0
	for i := range set.Len() {
		steps += set.Steps(i)
	}
	r := newRow(fmt.Sprintf("buckets, mean %d", steps/set.Len()), spent["bucketed"], spent["padded"], "padded to 1000",
		"s an epoch")
	r.Target = 1.0 / 9
	return []row{r}, nil
}

// padded reports for each example the length of the longest, so that no batch is trimmed. The masks
// stay.
type padded struct{ seq.NextStep }

func (p padded) Length(int) seq.Steps {
	steps, _, _ := p.Shape()
	return steps
}

func (p padded) Resize(seq.Steps) seq.Examples { return p }

// sessionSet returns the sessions of the file that the flags name, or 136 simulated ones.
func (b *bench) sessionSet() (*seq.Set, error) {
	if b.sessions != "" {
		return tlsfeat.Import(context.Background(), filepath.Join(b.dir, "sessions.arrow"), b.sessions)
	}
	rng := rand.New(rand.NewPCG(2019, 5))
	var all [][]float32
	for range 136 {
		var rows []float32
		for _, p := range tlssim.Normal(rng) {
			for _, v := range p {
				rows = append(rows, float32(v))
			}
		}
		all = append(all, rows)
	}
	return seq.New(len(tlssim.Packet{}), all...), nil
}

// pureGo measures the Go backend, built with SIMD, against XLA on the same machine.
func pureGo(b *bench) ([]row, error) {
	path := filepath.Join(b.dir, "simd")
	build := exec.Command("go", "build", "-o", path, "./trafficlib/bench")
	build.Env = append(os.Environ(), "GOEXPERIMENT=simd")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build with GOEXPERIMENT=simd: %w\n%s", err, out)
	}
	s := shape{Name: "go", Cell: "lstm", B: 64, T: 100, F: 146, H: 256, steps: 3}
	ms, err := measure(s, []side{{"go backend", []string{path, "work", "go"}, os.Environ()}, b.sides[0]},
		min(b.rounds, 3))
	if err != nil {
		return nil, err
	}
	top, err := profile(side{"go backend", []string{path, "work", "go"}, os.Environ()}, s,
		filepath.Join(b.dir, "go.prof"))
	if err != nil {
		return nil, err
	}
	b.notes = append(b.notes, "\n## Where the Go backend's time goes\n\nThe row `go`, by its own "+
		"functions:\n\n```\n"+top+"```\n")
	r := newRow("go", ms[0].best*1e3, ms[1].best*1e3, "trafficlib on XLA", "ms a step, best")
	r.Target = 4
	return []row{r, newRow("go", ms[0].cpu*1e3, ms[1].cpu*1e3, "trafficlib on XLA", "CPU-ms a step")}, nil
}

// profile returns the functions that take most of a side's processor time, as pprof prints them.
func profile(one side, s shape, file string) (string, error) {
	p, err := one.start()
	if err != nil {
		return "", err
	}
	defer p.stop()
	for _, r := range []request{{Shape: &s}, {Steps: 1}, {Steps: 5, Profile: file}} {
		if _, err := p.ask(r); err != nil {
			return "", err
		}
	}
	top, err := exec.Command("go", "tool", "pprof", "-top", "-nodecount=16", one.args[0], file).Output()
	if err != nil {
		return "", fmt.Errorf("go tool pprof: %w", err)
	}
	_, table, _ := strings.Cut(string(top), "flat%")
	return "      flat  flat%" + table, nil
}

// keptMemory measures what package device saves by keeping the memory that XLA frees. It leaves
// that to the C library if GLIBC_TUNABLES is set.
func keptMemory(b *bench) ([]row, error) {
	s := shape{Name: "kept", Cell: "lstm", B: 64, T: 100, F: 146, H: 256, steps: 10}
	given := b.sides[0]
	given.name, given.env = "memory given back", append(slices.Clone(given.env), "GLIBC_TUNABLES=glibc.malloc.check=0")
	ms, err := measure(s, []side{b.sides[0], given}, b.rounds)
	if err != nil {
		return nil, err
	}
	return []row{
		newRow("kept", ms[0].best*1e3, ms[1].best*1e3, given.name, "ms a step, best"),
		newRow("kept", ms[0].cpu*1e3, ms[1].cpu*1e3, given.name, "CPU-ms a step"),
		newRow("kept", float64(ms[0].peak)/1e6, float64(ms[1].peak)/1e6, given.name, "MB at most"),
	}, nil
}

// unrolled measures GoMLX's own LSTM, which writes every step into the graph, at 16 steps: more
// would take minutes to compile.
func unrolled(b *bench) ([]row, error) {
	s := shape{Name: "gomlx", Cell: "lstm", B: 64, T: 16, F: 146, H: 256, steps: 3}
	own := s
	own.Own = true
	var got [2]measurement
	for k, s := range []shape{s, own} {
		ms, err := measure(s, b.sides[:1], min(b.rounds, 3))
		if err != nil {
			return nil, err
		}
		got[k] = ms[0]
	}
	return []row{
		newRow("gomlx", got[0].best*1e3, got[1].best*1e3, "GoMLX's LSTM", "ms a step, best"),
		newRow("gomlx", got[0].compile, got[1].compile, "GoMLX's LSTM", "s to compile"),
	}, nil
}
