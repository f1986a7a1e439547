package score

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func sample(t *testing.T) *SessionScores {
	t.Helper()
	p := new(SessionScores)
	for _, s := range []struct {
		about     seq.About
		want, got []float32
	}{
		{seq.About{Part: "normal", Origin: 4}, []float32{1, 0, 3, 4}, []float32{1, 0, 6, 8}},
		{seq.About{Part: "attack", Label: "scan"}, []float32{1, 0}, []float32{0, 1}},
		{seq.About{Part: "normal", Origin: 7}, []float32{1, 0}, []float32{2, 0}},
	} {
		if err := p.Add(s.about, s.want, s.got, 2); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func TestPredictions(t *testing.T) {
	p := sample(t)
	want := []Session{
		{4, "normal", "", 2, 1, 25. / 4, math.Sqrt(12.5) / 2, 0}, {0, "attack", "scan", 1, 0, 1, 1, 1}, {7, "normal",
			"", 1, 1, 0.5, math.Sqrt(0.5), 0},
	}
	if !reflect.DeepEqual(p.Sessions, want) {
		t.Errorf("got %+v, want %+v", p.Sessions, want)
	}
	if !reflect.DeepEqual(p.Parts(), []string{"attack", "normal"}) || len(p.Scores("normal")) != 2 ||
		len(p.Scores("other")) != 0 ||
		p.MSEs("attack")[0] != 1 || p.Cosines("normal")[1] != 1 {
		t.Errorf("by part: %v", p)
	}
	text := "part    sessions  steps  mean cosine  median cosine   mean MSE\n" +
		"attack         1      1    0.0000000      0.0000000  1.0000000\n" +
		"normal         2      3    1.0000000      1.0000000  3.3750000\n"
	if p.String() != text {
		t.Errorf("got\n%swant\n%s", p, text)
	}
	path := filepath.Join(t.TempDir(), "p.arrow")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := Open(path); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("saved and opened: %v, %v", got, err)
	}
	if err := p.Add(seq.About{Part: "normal", Origin: 9}, nil, nil, 2); err == nil ||
		err.Error() != "score: normal session 9: no steps" {
		t.Errorf("no steps: %v", err)
	}
	nan := float32(math.NaN())
	if err := p.Add(seq.About{Part: "normal", Origin: 9}, []float32{1, 2}, []float32{1, nan}, 2); err == nil ||
		len(p.Sessions) != 3 {
		t.Errorf("a NaN was taken: %v", err)
	}
}

// TestRepeatLastStep what is repeated is the step before where inputs are shifted targets, and else
// the last known one.
func TestRepeatLastStep(t *testing.T) {
	set := seq.New(1, []float32{1, 2, 4, 3, 8})
	first, rest := set.SplitSteps(2)
	for name, test := range map[string]struct {
		ex  seq.Examples
		mse []float64
	}{
		"next step": {seq.NextStep{Set: set}, []float64{(1 + 1 + 4 + 1 + 25) / 5.}},
		"windows":   {seq.Windows{Set: set, Past: 2}, []float64{4, 1, 25}},
		"pairs":     {seq.Pairs{Input: first, Target: rest}, []float64{(4 + 1 + 36) / 3.}},
		"same size": {seq.Windows{Set: set, Past: 2, Next: 2}, []float64{(4 + 1) / 2., (1 + 16) / 2.}},
	} {
		p, err := RepeatLast(test.ex)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.MSEs(""); !slices.Equal(got, test.mse) {
			t.Errorf("%s: errors %v, want %v", name, got, test.mse)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.arrow")
	for want, tab := range map[string]*table.Table{
		`not a file of scores: there is no column "origin"`: table.New(table.Col("x", []int64{1})),
		`column "steps" is float64, want int64`: sample(t).Table().With(table.Col("steps",
			[]float64{1, 2, 3})),
	} {
		if err := tab.Save(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || err.Error() != "score: "+path+": "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := os.WriteFile(path, []byte("ARROW1"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), "score: table: "+path) {
		t.Errorf("a file cut short: %v", err)
	}
}

// TestRealROC computes the ROC of the published model's mean cosines for 136 normal and 14 attack
// sessions, each encoded with the limits of its own group. They are barely separable: the lowest
// normal one is 0.84030, the highest attack 0.84016.
func TestRealROC(t *testing.T) {
	scores := func(name string) []float64 {
		data, err := os.ReadFile(shareddata.Dir(t, "tls_attack_146", name))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Cosines []float64 `json:"mean_cos"`
		}
		if err := json.Unmarshal(data, &golden); err != nil {
			t.Fatal(err)
		}
		for i, c := range golden.Cosines {
			golden.Cosines[i] = 1 - c
		}
		return golden.Cosines
	}
	normal, attack := scores("derived_golden_sample136.json"), scores("derived_golden_malware.json")
	c, err := ROC(normal, attack)
	if err != nil || len(normal) != 136 || len(attack) != 14 || c.AUC != 1 {
		t.Errorf("%d normal, %d attack: %v, %v", len(normal), len(attack), c, err)
	}
	// The threshold that finds all attacks raises no false alarm, the next lower one does.
	if c.TPR[14] != 1 || c.FPR[14] != 0 || c.FPR[15] == 0 || math.Abs(c.Thresholds[14]-0.15984) > 1e-5 {
		t.Errorf("around the lowest attack: %v %v %v", c.Thresholds[14:16], c.TPR[14:16], c.FPR[14:16])
	}
	// Session 8 is the published validation part, the others the training part.
	train := append(append([]float64(nil), attack[:8]...), attack[9:]...)
	if math.Abs(1-Mean(train)-0.7700111) > 1e-6 || math.Abs(1-attack[8]-0.8041432) > 1e-6 {
		t.Errorf("mean cosines %.7f and %.7f, want 0.7700111 and 0.8041432", 1-Mean(train), 1-attack[8])
	}
}
