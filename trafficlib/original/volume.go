package original

import (
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/feature/volume"
)

// Volume counts the packets of a table, as volume.ReadFields returns it, into intervals as
// tma-prediction-tool does: the first begins at the full hour (of UTC) before the first packet; a
// packet past the end of an interval goes into the next one, however far past it is, so that empty
// intervals are swallowed and all that follows shifts; and the last interval is dropped.
func Volume(packets *table.Table, every time.Duration) (volume.Series, VolumeReport) {
	at, length := table.Values[time.Time](packets, volume.Fields[3]), table.Values[int64](packets, volume.Fields[2])
	report := VolumeReport{Rows: len(at)}
	if len(at) == 0 {
		return volume.Series{}, report
	}
	start := at[0].Truncate(time.Hour)
	values := []float64{0}
	for i, t := range at {
		if end := start.Add(time.Duration(len(values)) * every); !t.Before(end) {
			report.Early = max(report.Early, int(t.Sub(end)/every))
			values = append(values, 0)
		}
		values[len(values)-1] += float64(length[i])
	}
	n := len(values) - 1
	report.Dropped = values[n]
	s := volume.Series{From: make([]time.Time, n), To: make([]time.Time, n), Values: values[:n]}
	for i := range n {
		s.From[i] = start.Add(time.Duration(i) * every).UTC()
		s.To[i] = s.From[i].Add(every)
	}
	return s, report
}

// VolumeReport is what Volume counted.
type VolumeReport struct {
	Rows    int
	Early   int     // by how many intervals too early a row was counted, at most
	Dropped float64 // the bytes of the last interval
}

// String returns the report in one line.
func (r VolumeReport) String() string {
	s := fmt.Sprintf("%d rows", r.Rows)
	if r.Early > 0 {
		s += fmt.Sprintf(", counted up to %d intervals too early", r.Early)
	}
	return s + fmt.Sprintf(", the last interval dropped (%.0f bytes)", r.Dropped)
}

// Drops returns the indices i with y[i]/y[i+1] > threshold: where a forecast falls,
// tma-prediction-tool detects an anomaly at the value before.
func Drops(y []float64, threshold float64) (at []int) {
	for i := 0; i+1 < len(y); i++ {
		if y[i] > 0 && y[i+1] >= 0 && y[i]/y[i+1] > threshold {
			at = append(at, i)
		}
	}
	return at
}
