package live

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type node struct {
	name string
	next *node
	tags map[string]int
}

type wrong struct{}

func (*wrong) String() string { panic("no") }

func TestWho(t *testing.T) {
	n := &node{name: "a", tags: map[string]int{"x": 1}}
	n.next = n
	long, list, d, err, ch, bad := strings.Repeat("é", 1000), make([]float64,
		1_000_000), 3*time.Second, errors.New("cut off"), make(chan int, 3), &wrong{}
	var nothing any
	f := func() {}
	for _, c := range []struct {
		p             any
		length, value string
	}{
		{&n, "", `&{name:"a" next:&{…} tags:1 entries}`},
		{&long, "2000", `"` + strings.Repeat("é", 59) + "…"},
		{&list, "1000000", "[0 0 0 0 0 0 0 0 …]"},
		{&d, "", "3s"}, {&err, "", "cut off"}, {&ch, "0", "0 of 3 waiting"}, {&nothing, "", "nil"}, {&f, "",
			"func"}, {&bad, "", "&{}"},
	} {
		got := Who([]Var{{Name: "v", Type: "T", Cell: 2, Value: c.p}})[0]
		if got.Length != c.length || got.Value != c.value {
			t.Errorf("%T: got %q, %q; want %q, %q", c.p, got.Length, got.Value, c.length, c.value)
		}
	}
	if got := Who([]Var{{Name: "f", Type: "func()"}})[0]; got.Value != "" || got.Length != "" {
		t.Errorf("a function: %+v", got)
	}
}

func TestZero(t *testing.T) {
	s := []int{1}
	if Zero(&s); s != nil {
		t.Errorf("got %v", s)
	}
}

func TestTime(t *testing.T) {
	n := 0
	if r := Time(func() { n++ }); r.N < 2 || n < r.N || !strings.Contains(r.String(), " runs, ") {
		t.Errorf("%d calls, it says %d", n, r.N)
	}
}
