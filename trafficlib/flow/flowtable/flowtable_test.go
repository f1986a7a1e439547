package flowtable

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Cells that look at flows need neither models nor a network.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP)
}

// quiet returns a context that discards progress.
func quiet() context.Context {
	return progress.With(context.Background(), &progress.Lines{W: io.Discard})
}

// flow is a row of a test's table.
type flow struct {
	at       time.Time
	port     uint16
	protocol uint8
	numbers  []float64
	address  string
	label    string
	tie      uint64
}

var twoColumns = Layout{Numbers: []string{"flow_bytes_per_s", "flow_duration"}, Texts: []string{"source_ip"}}

// write makes a table of flows in batches of the given size.
func write(t testing.TB, o Options, batch int, ties bool, flows []flow) (*Table, error) {
	t.Helper()
	w, err := NewWriter(filepath.Join(t.TempDir(), "flows.arrow"), twoColumns, o)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for part := range slices.Chunk(flows, batch) {
		b := Batch{Numbers: make([][]float64, len(twoColumns.Numbers))}
		var address, label TextColumn
		for _, f := range part {
			b.Times, b.Ports, b.Protocols = append(b.Times, f.at.UnixMicro()), append(b.Ports, f.port),
				append(b.Protocols, f.protocol)
			if ties {
				b.Ties = append(b.Ties, f.tie)
			}
			for i, x := range f.numbers {
				b.Numbers[i] = append(b.Numbers[i], x)
			}
			address.Add(f.address)
			label.Add(f.label)
		}
		b.Texts = []Texts{address.Texts, label.Texts}
		w.Pack(&b)
		if err := w.Append(&b); err != nil {
			return nil, err
		}
	}
	return w.Finish(quiet(), Made{By: "test", Options: "none"})
}

func mustWrite(t testing.TB, o Options, batch int, flows []flow) *Table {
	t.Helper()
	s, err := write(t, o, batch, false, flows)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// random returns flows of some days at random times.
func random(n, days int, seed uint64) []flow {
	rng := rand.New(rand.NewPCG(seed, 1))
	flows := make([]flow, n)
	for i := range flows {
		label := Benign
		if rng.IntN(4) == 0 {
			label = "Bot"
		}
		flows[i] = flow{time.Date(2018, 2, 14+rng.IntN(days), 8+rng.IntN(10), rng.IntN(60), rng.IntN(60), 0, time.UTC),
			uint16(20 + rng.IntN(5)), 6, []float64{rng.NormFloat64(), float64(rng.IntN(100_000))},
			fmt.Sprintf("10.0.0.%d", rng.IntN(200)), label, rng.Uint64()}
	}
	return flows
}

// The table contains the appended flows, with the names and types that every table has.
func TestWriter(t *testing.T) {
	at := time.Date(2018, 2, 14, 8, 31, 1, 250_000_000, time.UTC)
	s := mustWrite(t, Options{}, 2, []flow{
		{at, 443, 6, []float64{0.5, 300}, "10.0.0.1", Benign, 0},
		{at.Add(time.Hour), 53, 17, []float64{-2.25, 7}, "10.0.0.2", "Bot", 0},
		{at, 80, 6, []float64{1e9, 70_000}, "10.0.0.1", Benign, 0},
	})
	if got := fmt.Sprint(s.Names()); got != "[source_ip destination_port protocol timestamp "+
		"flow_duration flow_bytes_per_s label]" {
		t.Errorf("columns %s", got)
	}
	for name, want := range map[string]string{
		"source_ip":        "category",
		"destination_port": "uint16",
		"protocol":         "uint8",
		"timestamp":        "timestamp",
		"flow_duration":    "uint32",
		"Flow Byts/s":      "float32",
		"label":            "category",
	} {
		if got := s.Type(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	want := table.New(table.Col("source_ip", []string{"10.0.0.1", "10.0.0.2", "10.0.0.1"}),
		table.Col("destination_port", []int64{443, 53, 80}), table.Col("protocol", []int64{6, 17, 6}),
		table.Col("timestamp", []time.Time{at, at.Add(time.Hour), at}),
		table.Col("flow_duration", []int64{300, 7, 70_000}),
		table.Col("flow_bytes_per_s", []float32{0.5, -2.25, 1e9}),
		table.Col("label", []string{Benign, "Bot", Benign})).String()
	if got := s.Rows(0, 3).String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !slices.Equal(s.Features(), []string{"protocol", "flow_duration", "flow_bytes_per_s"}) ||
		!slices.Equal(s.Addresses(), []string{"source_ip"}) {
		t.Errorf("features %q, addresses %q", s.Features(), s.Addresses())
	}
	if m := s.Made(); m.By != "test" || m.Options != "none" || m.Report.Rows != 3 ||
		fmt.Sprint(m.Labels) != "map[Benign:2 Bot:1]" {
		t.Errorf("made by %+v", m)
	}
	if got := fmt.Sprint(s.LabelCounts().Strings("share")); got != "[0.6666666666666666 0.3333333333333333]" ||
		!slices.Equal(s.Classes(), []string{Benign, "Bot"}) {
		t.Errorf("shares %s of %q", got, s.Classes())
	}
}

// The sort is a stable sort of all rows, however they are divided into batches. Ties decide if
// there are any.
func TestSort(t *testing.T) {
	flows := random(3000, 2, 1)
	stable := slices.Clone(flows)
	slices.SortStableFunc(stable, func(a, b flow) int { return a.at.Compare(b.at) })
	for _, batch := range []int{1, 17, 1000, 5000} {
		s := mustWrite(t, Options{Sort: true}, batch, flows)
		for i, x := range s.Float64s("flow_duration") {
			if x != stable[i].numbers[1] {
				t.Fatalf("batches of %d: row %d is %v, want %v", batch, i, x, stable[i].numbers[1])
			}
		}
	}
	byTie := slices.Clone(flows)
	slices.SortFunc(byTie, func(a, b flow) int {
		if c := a.at.Compare(b.at); c != 0 || a.tie == b.tie {
			return c
		}
		return map[bool]int{true: -1, false: 1}[a.tie < b.tie]
	})
	s, err := write(t, Options{Sort: true}, 100, true, flows)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, x := range s.Float64s("flow_duration") {
		if x != byTie[i].numbers[1] {
			t.Fatalf("with ties: row %d is %v, want %v", i, x, byTie[i].numbers[1])
		}
	}
}

func TestPolicies(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	var flows []flow
	for _, x := range []float64{3, inf, 9, nan, -inf, 5} {
		flows = append(flows, flow{time.UnixMicro(1), 0, 0, []float64{x, 1}, "", Benign, 0})
	}
	for _, c := range []struct {
		o    Options
		want string
		typ  string
	}{
		{Options{Missing: table.Keep, Infinite: table.Keep}, "[3 +Inf 9 NaN -Inf 5]", "float32"},
		{Options{Missing: table.Fill, Infinite: table.Clip}, "[3 9 9 2 3 5]", "uint8"},
		{Options{Missing: table.Keep, Infinite: table.Fill}, "[3 2 9 NaN 2 5]", "float32"},
	} {
		s := mustWrite(t, c.o, 2, flows)
		if got := fmt.Sprint(s.Float64s("flow_bytes_per_s")); got != c.want || s.Type("flow_bytes_per_s") != c.typ {
			t.Errorf("missing %v, infinite %v: %s of %s, want %s of %s",
				c.o.Missing, c.o.Infinite, got, s.Type("flow_bytes_per_s"), c.want, c.typ)
		}
	}
	for want, o := range map[string]Options{
		`column "flow_bytes_per_s": 1 missing values`:  {Infinite: table.Keep},
		`column "flow_bytes_per_s": 2 infinite values`: {Missing: table.Keep},
		"cannot be clipped":                            {Missing: table.Clip},
	} {
		if _, err := write(t, o, 2, false, flows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := write(t, Options{}, 2, false, nil); err == nil {
		t.Error("no flows: no error")
	}
}

// A truncated or changed file is refused in one line or opened, without a panic.
func TestDamage(t *testing.T) {
	s := mustWrite(t, Options{}, 10, random(30, 1, 2))
	data, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.arrow")
	try := func(what string, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		d, err := Open(path)
		if err == nil {
			d.Close()
		} else if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %q", what, err)
		}
	}
	for n := 0; n < len(data); n += 7 {
		try(fmt.Sprint("cut to ", n), data[:n])
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		changed := bytes.Clone(data)
		at := rng.IntN(len(changed))
		changed[at] ^= 1 << rng.IntN(8)
		try(fmt.Sprint("byte ", at), changed)
	}
}

// The summary equals one that is computed value by value.
func TestSummary(t *testing.T) {
	s := mustWrite(t, Options{Sort: true}, 500, random(3000, 2, 3))
	sum := s.Summary("flow_duration")
	labels, v := s.Strings(Label), s.Float64s("flow_duration")
	for i, name := range sum.Strings("label") {
		var own []float64
		for k, x := range v {
			if labels[k] == name {
				own = append(own, x)
			}
		}
		d := table.New(table.Col("x", own)).Describe()
		for _, stat := range []string{"mean", "std", "min", "max"} {
			got, want := sum.Float64s(stat)[i], d.Float64s(stat)[0]
			if math.Abs(got-want) > 1e-9*math.Abs(want) {
				t.Errorf("%s, %s: %v, want %v", name, stat, got, want)
			}
		}
	}
	line, err := s.Timeline(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range table.Values[int64](s.LabelCounts(), "flows") {
		sum := int64(0)
		for _, c := range line.Counts[i] {
			sum += c
		}
		if sum != n || line.Labels[i] != s.LabelCounts().Strings(Label)[i] {
			t.Errorf("timeline: %d of %s, want %d", sum, line.Labels[i], n)
		}
	}
	if _, err := s.Timeline(time.Microsecond); err == nil {
		t.Error("a timeline of a hundred billion intervals: no error")
	}
	if h := s.Head(5).String(); !strings.Contains(h, "5 of 3000 rows × 7 columns") {
		t.Errorf("head:\n%s", h)
	}
	if m, err := s.Head(5).MIME(); err != nil || strings.Count(m["text/html"].(string), "<th") < 7 {
		t.Errorf("head as HTML: %v", err)
	}
}
