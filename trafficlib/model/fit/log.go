package fit

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

type logKey struct{}

// WithLog gives a context in which Train and FineTune, besides the news that go to its progress sink, write a line to w
// at each point of the history: the time since they were called, the time left, the step, and the mean loss since the
// point before,
//
//	1m 5sec (- 4m 20sec) (20000 20%) Current Loss Value ----> 0.1234
//
// and at the end of the training that it has ended.
func WithLog(ctx context.Context, w io.Writer) context.Context {
	return context.WithValue(ctx, logKey{}, w)
}

// log writes the lines of one call of Train; the zero value writes none.
type log struct {
	w     io.Writer
	start time.Time
}

func newLog(ctx context.Context) log {
	w, _ := ctx.Value(logKey{}).(io.Writer)
	return log{w, time.Now()}
}

// point tells of the loss up to step, in a training of total steps that this call began at step first.
func (l log) point(first, step, total int, loss float64) {
	if l.w != nil {
		fmt.Fprintln(l.w, line(time.Since(l.start), first, step, total, loss))
	}
}

func (l log) end() {
	if l.w != nil {
		fmt.Fprintf(l.w, "%s\n-------> MODEL HAS FINISHED TRAINING <-------\n", strings.Repeat("=", 65))
	}
}

func line(since time.Duration, first, step, total int, loss float64) string {
	left := time.Duration(float64(since) * float64(total-step) / float64(max(step-first, 1)))
	return fmt.Sprintf("%s (- %s) (%d %d%%) Current Loss Value ----> %.4f", minutes(since), minutes(left), step, 100*step/total, loss)
}

// minutes is as the original has it, "1m 5sec".
func minutes(d time.Duration) string {
	s := int(d.Seconds())
	return fmt.Sprintf("%dm %dsec", s/60, s%60)
}
