package setup

import (
	"fmt"
	"os"
	"time"
)

// announce prints what is being done, and the time it took once done is called. On a terminal the
// time is updated every second.
func (s *Setup) announce(what string) (done func(error)) {
	start, line := time.Now(), fmt.Sprintf("%-60s", what+" …")
	stop, stopped := make(chan struct{}), make(chan struct{})
	fmt.Fprint(s.Out, line)
	go func() {
		defer close(stopped)
		if !terminal(s.Out) {
			return
		}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				fmt.Fprint(s.Out, "\r", line)
				return
			case <-tick.C:
				fmt.Fprintf(s.Out, "\r%s%7.0f s", line, time.Since(start).Seconds())
			}
		}
	}()
	return func(err error) {
		close(stop)
		<-stopped
		word := ""
		if err != nil {
			word = "  failed"
		}
		fmt.Fprintf(s.Out, "%7.1f s%s\n", time.Since(start).Seconds(), word)
	}
}

func terminal(out any) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
