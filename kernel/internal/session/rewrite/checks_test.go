package rewrite

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// The number of checks that a cell gets.
func TestChecks(t *testing.T) {
	for _, test := range []struct {
		code string
		want int
	}{
		{"for {}", 1},
		{"for i := 0; i < 10; i++ { x := i; _ = x }", 0},
		{"for i := 0; i < 1000; i++ { x := i; _ = x }", 1},
		{"n := 10\nfor i := 0; i < n; i++ {}", 1},
		{"for i := 0; i < 10; i++ { i-- }", 1},
		{"for i := 0; i < 10; i++ { p := &i; *p = 0 }", 1},
		{"for range 10 {}", 0},
		{"for range 10 { os.Getpid() }", 1},
		{"for range []int{1} {}", 1},
		{"for range [3]int{} {}", 0},
		{"a: goto a", 1},
		{"a:\nprintln(1)\ngoto a", 1},
		{"goto a\na:\nprintln(1)", 0},
		{"func f(n int) int { return n }", 0},
		{"func f(n int) int { return f(n) }", 1},
		{"func f(n int) int { return g(n) }\nfunc g(n int) int { return f(n) }", 2},
		{"func f(n int) int { return g(n) }\nfunc g(n int) int { return n }", 0},
		{"func f(g func()) { g() }", 1},
		{"func f(x float64) float64 { return math.Sqrt(x) }", 0},
		{"func f(x any) { fmt.Println(x) }", 1},
		{"func f(e error) string { return e.Error() }", 1},
		{"type t int\nfunc (x t) m(n int) int { return x.m(n) }", 1},
		{"type t int\nfunc (x t) m() float64 { return math.Abs(float64(x)) }", 0},
		{"sort.Slice([]int{}, func(i, j int) bool { return i < j })", 1},
		{"f := func() int { return len(\"a\") }", 0},
		{"f := func(g func()) { g() }", 1},
		{"os.Getpid()\nos.Getpid()\nx := 1\nos.Getpid()", 2},
		{"a, b := 1, 2\na, c := func() (int, int) { for {} }()", 1},
		{"var x = func() int { for {} }()", 1},
	} {
		s := session(t)
		s.config.Checks = true
		p, err := cells(t, s, test.code)
		if err != nil {
			t.Errorf("%q: %v", test.code, err)
		} else if got := strings.Count(string(p.Source), "live.Check()"); got != test.want {
			t.Errorf("%q: %d checks, want %d\n%s", test.code, got, test.want, p.Source)
		}
	}
}

// The cost of the checks: the code of a user, as it is and as it is rewritten.
func BenchmarkChecks(b *testing.B) {
	floats := make([]float64, 1<<16)
	for name, pair := range map[string][2]func() float64{
		"ints": {func() float64 { return ints(1 << 16) }, func() float64 { return intsChecked(1 << 16) }},
		"dot":  {func() float64 { return dot(floats, floats) }, func() float64 { return dotChecked(floats, floats) }},
		"fib":  {func() float64 { return float64(fib(22)) }, func() float64 { return float64(fibChecked(22)) }},
	} {
		for i, version := range []string{"plain", "checked"} {
			b.Run(name+"/"+version, func(b *testing.B) {
				for b.Loop() {
					pair[i]()
				}
			})
		}
	}
}

func ints(n int) float64 {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i ^ 3
	}
	return float64(sum)
}

func intsChecked(n int) float64 {
	sum := 0
	for i := 0; i < n; i++ {
		if live.Stopped() {
			live.Check()
		}
		sum += i ^ 3
	}
	return float64(sum)
}

func dot(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

func dotChecked(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		if live.Stopped() {
			live.Check()
		}
		s += x[i] * y[i]
	}
	return s
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func fibChecked(n int) int {
	if n < 2 {
		return n
	}
	if live.Stopped() {
		live.Check()
	}
	return fibChecked(n-1) + fibChecked(n-2)
}

// The time to rewrite a small cell in a session with many.
func BenchmarkRewrite(b *testing.B) {
	s := session(b)
	for range 100 {
		cells(b, s, "x := 1\nfunc f(n int) int { return n + x }\ny := strings.Repeat(\"a\", f(3))")
	}
	n := len(s.sources)
	for b.Loop() {
		n++
		p, err := s.Rewrite(n, "Cell[1]", "z := f(2)\nfmt.Println(strings.ToUpper(y), z)\nz + 1")
		if err != nil {
			b.Fatal(err)
		}
		p.Commit()
	}
}

func BenchmarkComplete(b *testing.B) {
	s := session(b)
	cells(b, s, before)
	for b.Loop() {
		if _, ok := s.Complete("for _, r := range rows {\n\tfmt.Println(r.", 42); !ok {
			b.Fatal("nothing")
		}
	}
}
