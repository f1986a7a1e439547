package flowfiles

import (
	"archive/zip"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// Cells that load flows need no model.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot) // the decoder of Parquet links net/http
}

const lan = "../../../notebooks/data/tcp/lan.pcap.gz"

// telnet labels the flows of one service as attacks.
func telnet(f *flow.Flow, path string) string {
	if f.DstPort == 23 || f.DstPort == 22 {
		return "Login"
	}
	return flowtable.Benign
}

// lanFlows returns the table of a bundled capture.
func lanFlows(t *testing.T) *flowtable.Table {
	t.Helper()
	flows, err := Load(t.Context(), filepath.Join(t.TempDir(), "flows.arrow"),
		Options{Captures: flow.Options{Label: telnet}}, lan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flows.Close() })
	return flows
}

// train trains a model for an epoch on the Go backend and predicts the test part.
func train(t *testing.T, model rnn.Model, train, test seq.Examples, loss fit.Loss) *fit.Predictions {
	t.Helper()
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	untrained, err := fit.New(model, 1)
	if err != nil {
		t.Fatal(err)
	}
	run, err := fit.Train(t.Context(), backend, untrained, train,
		fit.Config{Dir: t.TempDir(), Epochs: 1, BatchSize: 8, LearningRate: 0.01, Loss: loss})
	if err != nil {
		t.Fatal(err)
	}
	predicted, err := fit.Predict(t.Context(), backend, run.Snapshot, test)
	if err != nil {
		t.Fatal(err)
	}
	if predicted.Got.Len() != test.Len() || test.Len() == 0 {
		t.Fatalf("%d predictions of %d examples", predicted.Got.Len(), test.Len())
	}
	for i := range predicted.Got.Len() {
		if x := float64(predicted.Got.At(i)[0]); math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("prediction %d is %v", i, x)
		}
	}
	return predicted
}

// A capture's flows can be used as in notebook 4: windows, sequences, a forecaster and a
// classifier.
func TestCaptureToWindows(t *testing.T) {
	flows := lanFlows(t)
	windows, err := flows.Windows(flowtable.WindowRules{By: flowtable.ByAll, Length: 4, Step: 2})
	if err != nil {
		t.Fatal(err)
	}
	if windows, err = windows.Split(flowtable.SplitAll, 0.6, 0.1); err != nil {
		t.Fatal(err)
	}
	columns := encode.Each(flows.Features(),
		func(name string) encode.Column { return encode.ZScore(name).Log().Within(8) })
	encoder, err := encode.FitTable(windows.Part(seq.Train).Normal(), columns...)
	if err != nil {
		t.Fatal(err)
	}
	set, err := windows.Sequences(encoder)
	if err != nil {
		t.Fatal(err)
	}
	if len(flows.Features()) != 77 || !slices.Equal(set.Labels(), []string{flowtable.Benign, "Login"}) ||
		!slices.Equal(set.Parts(), []string{seq.Train, seq.Valid, seq.Test}) {
		t.Errorf("%d features, labels %q, parts %q", len(flows.Features()), set.Labels(), set.Parts())
	}
	normal := set.Where(func(a seq.About) bool { return a.Label == flowtable.Benign })
	train(t, rnn.Forecaster{Features: set.Features(), Hidden: 4, Dense: true}, normal.NextStep(seq.Train),
		set.NextStep(seq.Test), "")
	train(t, rnn.Classifier{Features: set.Features(), Hidden: 4, Classes: 2}, set.Labeled(seq.Train),
		set.Labeled(seq.Test), fit.CrossEntropy)
}

// They can also be used as in notebook 5: a sentence of ids for each flow, and a classifier with an
// embedding.
func TestCaptureToSentences(t *testing.T) {
	flows := lanFlows(t)
	labels := flows.Strings(flowtable.Label)
	parts, err := seq.Split{By: seq.Stratified, Test: 0.5, Seed: 1}.Parts(labels)
	if err != nil {
		t.Fatal(err)
	}
	all := flows.Rows(0, flows.NumRows()).With(table.Col("part", parts))
	columns := encode.Each(flows.Features(), func(name string) encode.Column { return encode.Quantiles(name, 8) })
	columns = append(columns,
		encode.Each(flows.Addresses(), func(name string) encode.Column { return encode.Categories(name, 4) })...)
	encoder, err := encode.FitTable(all.Only("part", seq.Train), columns...)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := encoder.IDs(all)
	if err != nil {
		t.Fatal(err)
	}
	words, err := encoder.Vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	set := seq.FixedLength(1, encoder.Features(), ids).WithLabels(labels...).WithParts(parts...)
	model := rnn.Classifier{Vocabulary: words, Features: 4, Hidden: 4, Classes: 1, Output: rnn.SigmoidOutput}
	predicted := train(t, model, set.Binary(flowtable.Benign, seq.Train), set.Binary(flowtable.Benign, seq.Test),
		fit.BinaryCrossEntropy)
	for _, p := range predicted.First() {
		if p < 0 || p > 1 {
			t.Fatalf("a probability of %v", p)
		}
	}
}

// Tables may be in a folder, beside other files, plain or in an archive.
func TestTables(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, seed uint64) string {
		path := filepath.Join(dir, name)
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if err := (flowsim.File{Rows: 50, Seed: seed}).Write(out); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("a.csv", 1)
	b := write("b.csv", 2)
	text, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, "b.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	w, err := z.Create("b.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	os.Remove(b)
	os.WriteFile(filepath.Join(dir, "readme.txt"), []byte("text"), 0o666)
	o := Options{Tables: cic2018.Options{Missing: table.Keep, Infinite: table.Keep}}
	dst := filepath.Join(t.TempDir(), "flows.arrow")
	for _, cached := range []bool{false, true} {
		flows, err := Load(t.Context(), dst, o, dir)
		if err != nil || flows.NumRows() != 100 || flows.Cached != cached {
			t.Fatalf("%v, cached %v, %v", flows, cached, err)
		}
		flows.Close()
	}
	for want, paths := range map[string][]string{
		"no files":                              nil,
		"no captures and no files of flows in ": {t.TempDir()},
		"lan.pcap.gz is a capture":              {lan, dir},
		"absent":                                {"absent"},
	} {
		if _, err := Load(t.Context(), dst, o, paths...); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
