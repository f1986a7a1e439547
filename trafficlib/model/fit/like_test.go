package fit_test

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
)

// A set of new data gets the encoder of the model, and is refused if its features have other
// meanings.
func TestEncodeLike(t *testing.T) {
	b := backends.Go(t)
	learned := waves(20, 1).Set.WithNames("a", "b", "c").WithRecipe(seq.NewRecipe("made", 1, nil))
	encoder, err := encode.FitMinMax(learned)
	if err != nil {
		t.Fatal(err)
	}
	run, err := fromScratch(quiet(t), b, small, learned.WithEncoder(encoder).NextStep(),
		fit.Config{Dir: t.TempDir(), Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	captured := waves(5, 2).Set.WithNames("a", "b", "c").WithRecipe(seq.NewRecipe("made", 1, nil))
	like, err := fit.EncodeLike(run.Snapshot, captured)
	if err != nil {
		t.Fatal(err)
	}
	if got := like.Encoder().(*encode.RowEncoder).String(); got != encoder.String() {
		t.Errorf("the encoder is %s, want %s", got, encoder)
	}
	if _, err := fit.Predict(t.Context(), b, run.Snapshot, like.NextStep()); err != nil {
		t.Error(err)
	}
	other := captured.WithNames("a", "x", "c")
	if _, err := fit.Predict(t.Context(), b, run.Snapshot, other.NextStep()); err == nil ||
		!strings.Contains(err.Error(), `feature 1 of its model is "b", that of the examples is "x"`) {
		t.Errorf("other features: %v", err)
	}
	for want, set := range map[string]*seq.Set{
		`feature 1 of its model is "b"`:                       other,
		"learned from rows that made 1 null made, these were": captured.WithRecipe(seq.NewRecipe("made", 2, nil)),
	} {
		if _, err := fit.EncodeLike(run.Snapshot, set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
