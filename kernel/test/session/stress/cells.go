package main

// first holds the cells that make the values which all others check.
var first = []string{`
import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

type node struct {
	key         int
	left, right *node
	payload     []byte
	label       string
}

func (n *node) insert(key int) *node {
	if n == nil {
		return &node{key: key, payload: fill(key), label: fmt.Sprint("node ", key)}
	}
	if key < n.key {
		n.left = n.left.insert(key)
	} else if key > n.key {
		n.right = n.right.insert(key)
	}
	return n
}

func fill(key int) []byte { return slices.Repeat([]byte{byte(key), byte(key >> 8)}, 40) }

func (n *node) check() (count int) {
	if n == nil {
		return 0
	}
	if !slices.Equal(n.payload, fill(n.key)) || n.label != fmt.Sprint("node ", n.key) {
		panic(fmt.Sprintf("node %d: %v %q", n.key, n.payload, n.label))
	}
	return n.left.check() + 1 + n.right.check()
}

type shape interface{ area() float64 }

type square struct{ side float64 }

func (s *square) area() float64 { return s.side * s.side }

type box[T any] struct {
	value T
	next  *box[T]
}
`, `
var tree *node
inserted := map[int]bool{}
byName := map[string]*node{}
shapes := []shape{}
closures := []func() int{}
boxes := (*box[map[string][]int])(nil)
values := map[string]any{}
queue := make(chan *node, 64)
var lines strings.Builder
keys := 0

func grow(n int) {
	for range n {
		keys++
		key := keys * 7919 % 100_003
		tree = tree.insert(key)
		inserted[key] = true
	}
	name := fmt.Sprint("n", keys)
	byName[name] = (*node)(nil).insert(keys)
	shapes = append(shapes, &square{float64(keys)})
	k, private := keys, fill(keys)
	closures = append(closures, func() int {
		if !slices.Equal(private, fill(k)) {
			panic("closure")
		}
		return k
	})
	boxes = &box[map[string][]int]{map[string][]int{name: {k, k + 1}}, boxes}
	values[name] = [2]any{private, &square{float64(k)}}
	select {
	case queue <- byName[name]:
	default:
		if n := <-queue; n.check() != 1 {
			panic("queue")
		}
	}
}

func checkAll() {
	if n := tree.check(); n != len(inserted) {
		panic(fmt.Sprint("tree of ", n, ", not ", len(inserted)))
	}
	for name, n := range byName {
		if n.check() != 1 || name != fmt.Sprint("n", n.key) {
			panic(name)
		}
		v := values[name].([2]any)
		if !slices.Equal(v[0].([]byte), fill(n.key)) || v[1].(shape).area() != float64(n.key)*float64(n.key) {
			panic("values of " + name)
		}
	}
	for i, f := range closures {
		if float64(f()) != shapes[i].(*square).side {
			panic("closures and shapes")
		}
	}
	n := 0
	for b := boxes; b != nil; b = b.next {
		for name, two := range b.value {
			if byName[name].key != two[0] || two[1] != two[0]+1 {
				panic("boxes")
			}
		}
		n++
	}
	if n != len(closures) {
		panic("boxes are missing")
	}
}
`}

// each is the format of a cell, with its number as argument.
const each = `
n := %[1]d
type local%[1]d struct {
	at   *node
	rows [][]string
	f    func(*node) int
}
func (l *local%[1]d) area() float64 { return float64(l.f(l.at)) }
kept%[1]d := &local%[1]d{at: byName["n10"], f: func(n *node) int { return n.check() + len(closures)*0 }}
if len(byName) > 0 && kept%[1]d.at == nil && n > 1 { panic("n10 is lost") }
for i := range 20 { kept%[1]d.rows = append(kept%[1]d.rows, strings.Split(strings.Repeat("a,", i), ",")) }
values["latest"] = kept%[1]d
grow(10)
garbage := 0
for i := range 200 { garbage += len(fill(i)) + len(fmt.Sprint(i)) }
checkAll0 := values["latest"]
delete(values, "latest")
checkAll()
if s, ok := checkAll0.(shape); !ok || n > 1 && s.area() != 1 { panic("a type of this cell") }
done := make(chan int)
go func() { runtime.GC(); done <- kept%[1]d.f(byName["n10"]) }()
if <-done != 1 { panic("goroutine") }
`

// memory is a cell that prints the resident memory of the process after a garbage collection.
const memory = `
import (
	"fmt"
	"os"
	"runtime/debug"
)
debug.FreeOSMemory()
statm, _ := os.ReadFile("/proc/self/statm")
var whole, resident int
fmt.Sscan(string(statm), &whole, &resident)
fmt.Println(resident * os.Getpagesize())
`
