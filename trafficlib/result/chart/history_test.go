package chart

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

func TestHistory(t *testing.T) {
	var h snapshot.History
	for epoch := 1; epoch <= 4; epoch++ {
		p := snapshot.Point{Epoch: epoch, Train: snapshot.Figures{Loss: 1 / float64(epoch)},
			Valid: &snapshot.Figures{Loss: 2 / float64(epoch)}}
		if epoch%2 == 0 {
			p.Valid.Cosines = []snapshot.Cosine{{Packets: 10, Mean: 0.5, Median: 0.25},
				{Packets: 0, Mean: 0.75, Median: 0.5}}
		}
		h = append(h, p)
	}
	loss := Loss(h)
	if len(loss.Series) != 2 || loss.Series[1].Y[3] != 0.5 || loss.Series[0].X[3] != 4 {
		t.Errorf("loss: %+v", loss.Series)
	}
	if l := Loss(snapshot.History{{Epoch: 1, Train: snapshot.Figures{Loss: 1}}}); len(l.Series) != 1 {
		t.Errorf("without validation: %+v", l.Series)
	}
	cosines := Cosines(h)
	mean := cosines.Charts[0].(Lines)
	if len(mean.Series) != 2 || mean.Series[1].Name != "true length" || len(mean.Series[1].X) != 2 ||
		mean.Series[1].Y[0] != 0.75 {
		t.Errorf("cosines: %+v", mean.Series)
	}
	for _, c := range []Chart{loss, cosines} {
		svg, err := c.SVG()
		if err != nil || !strings.Contains(string(svg), "<svg") {
			t.Errorf("%s: %v", c, err)
		}
	}
}

func TestAccuracy(t *testing.T) {
	half, all := 0.5, 1.0
	h := snapshot.History{{Epoch: 1, Train: snapshot.Figures{Loss: 0.7, Accuracy: &half}},
		{Epoch: 2, Train: snapshot.Figures{Loss: 0.1, Accuracy: &all},
			Valid: &snapshot.Figures{Loss: 0.2, Accuracy: &half}}}
	l := Accuracy(h)
	if len(l.Series) != 2 || l.Series[0].Y[1] != 1 || l.Series[1].X[0] != 2 || l.Series[1].Y[0] != 0.5 {
		t.Errorf("%+v", l.Series)
	}
	if c := CrossEntropy(h); c.LogY || c.Y != "cross-entropy" || c.Series[0].Y[0] != 0.7 {
		t.Errorf("%+v", c)
	}
	if _, err := Grid(2, l, CrossEntropy(h)).SVG(); err != nil {
		t.Error(err)
	}
}
