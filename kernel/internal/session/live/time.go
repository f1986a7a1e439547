package live

import (
	"fmt"
	"testing"
)

// Time runs a function many times, as Go's benchmarks do, and returns the time of one run.
func Time(f func()) Timing {
	return Timing{testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})}
}

// A Timing is the result of [Time].
type Timing struct{ testing.BenchmarkResult }

func (t Timing) String() string {
	each := float64(t.T.Nanoseconds()) / float64(max(t.N, 1))
	unit := "ns"
	for _, larger := range []string{"µs", "ms", "s"} {
		if each < 1000 {
			break
		}
		each, unit = each/1000, larger
	}
	return fmt.Sprintf("%d runs, %.4g %s each, %d B in %d allocations each", t.N, each, unit, t.AllocedBytesPerOp(),
		t.AllocsPerOp())
}
