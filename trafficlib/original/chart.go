package original

import (
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/result/chart"
)

// Iterations draws the loss of a training by step, and that of its validation data, on an axis with
// a mark every 0.1, as TCPAnomalyDetectionSeq2Seq does.
func Iterations(h snapshot.History) chart.Lines {
	l := chart.Loss(h)
	l.Title, l.X, l.Y, l.LogY, l.YStep = "Training - Loss vs Num of Iterations",
		"Number of iterations", "Loss value", false, 0.1
	for i := range l.Series {
		l.Series[i].X = nil
	}
	for _, p := range h {
		l.Series[0].X = append(l.Series[0].X, float64(p.Step))
		if p.Valid != nil {
			l.Series[1].X = append(l.Series[1].X, float64(p.Step))
		}
	}
	return l
}
