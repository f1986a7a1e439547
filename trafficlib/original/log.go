package original

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
)

// Log returns a callback of a training that writes what TCPAnomalyDetectionSeq2Seq prints: a line
// at each point of the history, with the time since Log was called, the time left, the step, and
// the mean loss since the point before,
//
//	1m 5sec (- 4m 20sec) (20000 20%) Current Loss Value ----> 0.1234
//
// and that the training has ended.
func Log(w io.Writer) fit.Callback { return &log{w, time.Now()} }

type log struct {
	w     io.Writer
	start time.Time
}

// Point writes the line of a point.
func (l *log) Point(c fit.Checkpoint) error {
	text := line(time.Since(l.start), c.First, c.Step, c.Total, c.Train.Loss) + "\n"
	if c.Step == c.Total {
		text += strings.Repeat("=", 65) + "\n-------> MODEL HAS FINISHED TRAINING <-------\n"
	}
	_, err := io.WriteString(l.w, text)
	return err
}

func line(since time.Duration, first, step, total int, loss float64) string {
	left := time.Duration(float64(since) * float64(total-step) / float64(max(step-first, 1)))
	return fmt.Sprintf("%s (- %s) (%d %d%%) Current Loss Value ----> %.4f", minutes(since), minutes(left), step,
		100*step/total, loss)
}

// minutes returns a time as TCPAnomalyDetectionSeq2Seq prints it, "1m 5sec".
func minutes(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%dm %dsec", s/60, s%60)
}
