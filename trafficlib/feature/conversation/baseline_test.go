package conversation

import (
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// The baseline, fitted on the first 70 % of the sample's normal conversations, separates attacks
// from the other normal ones hardly better than chance. Most attacks guess telnet passwords, so
// their packets look like any login.
func TestDARPABaseline(t *testing.T) {
	p := darpa(t, "sample_data01.tcpdump")
	list, err := ReadLabels(shareddata.Dir(t, "darpa98_sample", "tcpdump.list"), nil)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := Mark(p.Table, p.Start, list)
	if err != nil {
		t.Fatal(err)
	}
	clean, _ := Clean(marked, Protocols{})
	cut, err := Cut(clean, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	var normal, attack [][]string
	symbols := Symbols(cut)
	for i, name := range Attacks(cut) {
		if name == "" {
			normal = append(normal, symbols[i])
		} else {
			attack = append(attack, symbols[i])
		}
	}
	if len(normal) != 486 || len(attack) != 98 {
		t.Fatalf("%d normal and %d attack conversations", len(normal), len(attack))
	}
	m, err := score.FitTransitions(normal[:340], 0)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := score.ROC(m.Scores(normal[340:]), m.Scores(attack))
	if got := curve.String(); err != nil || m.Symbols() != 11 || got != "ROC: AUC 0.5369, 209 points" {
		t.Errorf("%d symbols, %s, %v", m.Symbols(), got, err)
	}
}
