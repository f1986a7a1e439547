package programs

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

func times(factor float64) func(in []*Node) []*Node {
	return func(in []*Node) []*Node {
		return []*Node{MulScalar(in[0], factor)}
	}
}

// since returns the number of graphs made since its last call.
func since() int64 {
	n := Made() - counted
	counted += n
	return n
}

var counted int64

func call(t *testing.T, p *Program, x ...float32) []float32 {
	t.Helper()
	out, err := p.Call(fmt.Sprint(len(x)), x)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out[0])
}

func TestKept(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		defer Release(b)
		double := New(b, "double", times(2))
		call(t, double, 1)
		call(t, double, 1, 2)
		call(t, double, 3)
		if n := since(); n != 2 || Kept() != 0 {
			t.Errorf("two shapes: %d graphs were made, %d are kept while they are used", n, Kept())
		}
		second := New(b, "double", times(2)) // at the same time
		call(t, second, 1)
		if n := since(); n != 1 {
			t.Errorf("a second user: %d graphs were made", n)
		}
		double.Close()
		second.Close()
		if Kept() != 2 {
			t.Errorf("%d are kept, want one for each shape", Kept())
		}
		if _, err := double.Call("1", []float32{1}); err == nil {
			t.Error("a closed program was called")
		}
		third, triple := New(b, "double", times(2)), New(b, "triple", times(3))
		if got := append(call(t, third, 4), call(t, triple, 4)...); !slices.Equal(got, []float32{8, 12}) {
			t.Errorf("got %v", got)
		}
		if n := since(); n != 1 {
			t.Errorf("%d graphs were made, want that of triple", n)
		}
		third.Close()
		triple.Close()
		Release(b)
		if Kept() != 0 {
			t.Errorf("%d are kept of a backend that was released", Kept())
		}
	})
}

// TestMost checks that the graphs used last are kept, and no more than Most.
func TestMost(t *testing.T) {
	b := backends.Go(t)
	defer Release(b)
	use := func(k int) {
		p := New(b, fmt.Sprint(k), times(float64(k)))
		call(t, p, 1)
		p.Close()
	}
	for k := range Most + 10 {
		use(k)
		use(0)
	}
	if Kept() != Most {
		t.Errorf("%d are kept, want %d", Kept(), Most)
	}
	since()
	use(0)
	use(Most + 9)
	if n := since(); n != 0 {
		t.Errorf("%d of what was used last were made again", n)
	}
	if use(1); since() != 1 {
		t.Error("what was not used for longest is still kept")
	}
}

// TestFailed checks that a graph is not kept if making it or calling it fails.
func TestFailed(t *testing.T) {
	b := backends.Go(t)
	defer Release(b)
	bad := New(b, "bad", func(in []*Node) []*Node { panic(fmt.Errorf("no such graph")) })
	for range 2 {
		if _, err := bad.Call("1", []float32{1}); err == nil {
			t.Error("a graph that panics was run")
		}
	}
	bad.Close()
	if Kept() != 0 {
		t.Errorf("%d are kept", Kept())
	}
}

// TestFinalized checks that a backend may be finalized while its graphs are kept or in use.
func TestFinalized(t *testing.T) {
	names := []string{"go"}
	for _, p := range device.Plugins() {
		if device.HasXLA() && p.Name == "cpu" && p.Err == nil && !testing.Short() {
			names = append(names, "xla:"+p.Path)
		}
	}
	for _, name := range names {
		b, err := compute.NewWithConfig(name)
		if err != nil {
			t.Fatal(err)
		}
		kept, used := New(b, "kept", times(2)), New(b, "used", times(2))
		call(t, kept, 1)
		call(t, used, 1)
		kept.Close()
		b.Finalize()
		used.Close()
		if Kept() != 0 {
			t.Errorf("%s: %d are kept of a backend that is no more", name, Kept())
		}
		for range 3 {
			runtime.GC()
		}
	}
}
