package seq

import (
	"runtime"
	"sync"
)

// parallel calls do for 0 … n-1, a part of them on each core.
func parallel(n int, do func(i int)) {
	parts := min(runtime.GOMAXPROCS(0), n)
	var running sync.WaitGroup
	for k := range parts {
		running.Go(func() {
			for i := k; i < n; i += parts {
				do(i)
			}
		})
	}
	running.Wait()
}
