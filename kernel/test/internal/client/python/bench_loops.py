"""The loops that bench.py measures."""

# Loops that do nothing else, and print the least CPU time of five runs: in a session, with the checks that let a
# cell be stopped, and in a program, without. In both, the variables are local to a function.
GO_LOOPS = """import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

func loopOfInts() (sum int) {
	for i := range 100_000_000 {
		sum += i ^ sum
	}
	return sum
}

func dotProduct() (sum float64) {
	a, b := make([]float64, 4096), make([]float64, 4096)
	for i := range a {
		a[i], b[i] = float64(i), 1/float64(i+1)
	}
	for range 20_000 {
		for i, x := range a {
			sum += x * b[i]
		}
	}
	return sum
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func timed(name string, f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	least := time.Hour
	for range 5 {
		begin := spent()
		f()
		least = min(least, spent()-begin)
	}
	fmt.Println(name, least.Seconds())
}

%%
timed("ints", func() { _ = loopOfInts() })
timed("dot", func() { _ = dotProduct() })
timed("fib", func() { _ = fib(35) })
"""
LOOPS = {"ints": "loop of ints", "dot": "float dot product", "fib": "fib(35)"}
