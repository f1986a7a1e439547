package score

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Detector holds the scores of normal and attack traffic by one method, and the threshold of its
// alarms.
type Detector struct {
	Name           string
	Normal, Attack []float64
	Threshold      float64
}

// Detectors compares detectors in a table with a row for each: the ROC AUC and the average
// precision, which do not depend on a threshold, and for its threshold the precision, the recall,
// F1 and the false positive rate. It is an error if a group is empty or a score is NaN.
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
		for k, v := range []float64{roc.AUC, pr.Average, d.Threshold, c.Precision(), c.Recall(), c.F1(),
			ratio(c.FP, c.FP+c.TN)} {
			columns[k] = append(columns[k], v)
		}
	}
	cols := []table.Column{table.Col("detector", names)}
	for k, name := range []string{"ROC AUC", "average precision", "threshold", "precision", "recall", "F1",
		"false alarms"} {
		cols = append(cols, table.Col(name, columns[k]))
	}
	return table.New(cols...), nil
}
