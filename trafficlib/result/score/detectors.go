package score

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Detector is scores of normal and attack traffic by one method, with the threshold that it alarms at.
type Detector struct {
	Name           string
	Normal, Attack []float64
	Threshold      float64
}

// Detectors puts several side by side: a row for each, with its ROC AUC and average precision, which ask for no
// threshold, and with what its own threshold makes of it: precision, recall, F1 and what part of the normal traffic is a
// false alarm. It is an error when a group is empty or a score is NaN.
func Detectors(all ...Detector) (*table.Table, error) {
	var names []string
	columns := make([][]float64, 7)
	for _, d := range all {
		roc, err := ROC(d.Normal, d.Attack)
		if err != nil {
			return nil, fmt.Errorf("score: detector %q: %w", d.Name, err)
		}
		pr, err := PR(d.Normal, d.Attack)
		if err != nil {
			return nil, err
		}
		c := Confuse(d.Normal, d.Attack, d.Threshold)
		names = append(names, d.Name)
		for k, v := range []float64{roc.AUC, pr.Average, d.Threshold, c.Precision(), c.Recall(), c.F1(), ratio(c.FP, c.FP+c.TN)} {
			columns[k] = append(columns[k], v)
		}
	}
	cols := []table.Column{table.Col("detector", names)}
	for k, name := range []string{"ROC AUC", "average precision", "threshold", "precision", "recall", "F1", "false alarms"} {
		cols = append(cols, table.Col(name, columns[k]))
	}
	return table.New(cols...), nil
}
