"""Values of all kinds that cells of a living session make, change and show, with their expected output.

All names of a value contain its number, so that a value of another kind with the same number redefines them. make
and step return Go and its expected output; drop ends goroutines of the value.
"""

import random
import zlib

IMPORTS = """import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"log"
	"math/big"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)
"""


class Value:
    def __init__(self, number, rng):
        self.n, self.rng = number, rng

    def small(self):
        return self.rng.randint(1, 99)

    def code(self, text, **more):
        """Returns Go with the number in place of @."""
        for key, value in more.items():
            text = text.replace("$" + key, str(value))
        return text.replace("@", str(self.n)) + "\n"

    def drop(self):
        return ""


class Slice(Value):
    def make(self):
        self.rows = [self.small() for _ in range(3)]
        return self.code("v@ := []int{$a}\nfmt.Println(v@)", a=", ".join(map(str, self.rows))), self.shown()

    def shown(self):
        return "[" + " ".join(map(str, self.rows)) + "]\n"

    def step(self):
        a, b = self.small(), self.small()
        self.rows = [x + b for x in self.rows[-20:] + [a]]
        return self.code(
            (
                "if len(v@) > 20 {\n\tv@ = v@[len(v@)-20:]\n}\nv@ = append(v@, $a)\n"
                "for i := range v@ {\n\tv@[i] += $b\n}\nfmt.Println(v@)"
            ),
            a=a,
            b=b,
        ), self.shown()


class Map(Value):
    def make(self):
        self.all = {}
        return self.code("v@ := map[string][]int{}\nfmt.Println(len(v@))"), "0\n"

    def step(self):
        key, a = f"k{self.rng.randint(0, 200)}", self.small()
        self.all.setdefault(key, []).append(a)
        listed = " ".join(map(str, self.all[key]))
        return self.code(
            'v@["$k"] = append(v@["$k"], $a)\nfmt.Println(len(v@), v@["$k"])', k=key, a=a
        ), f"{len(self.all)} [{listed}]\n"


class Closure(Value):
    def make(self):
        self.total = self.small()
        return self.code(
            (
                "v@ := func() func(int) int {\n\tn := $a\n\treturn func(d int) int {\n\t\tn += d\n"
                "\t\treturn n\n\t}\n}()\nfmt.Println(v@(0))"
            ),
            a=self.total,
        ), f"{self.total}\n"

    def step(self):
        a = self.small()
        self.total += a
        return self.code("fmt.Println(v@($a))", a=a), f"{self.total}\n"


class Goroutine(Value):
    """A goroutine that sums what it receives."""

    def make(self):
        self.total = self.count = 0
        return self.code(
            "v@, out@ := make(chan int), make(chan [2]int)\n"
            "go func(in chan int, out chan [2]int) {\n\ttotal, count := 0, 0\n"
            "\tfor x := range in {\n"
            "\t\ttotal += x\n\t\tcount++\n\t\tout <- [2]int{total, count}\n\t}\n}(v@, out@)"
        ), ""

    def step(self):
        a = self.small()
        self.total, self.count = self.total + a, self.count + 1
        return self.code("v@ <- $a\nfmt.Println(<-out@)", a=a), f"[{self.total} {self.count}]\n"

    def drop(self):
        return self.code("close(v@)")


class Ticker(Value):
    """A goroutine that counts."""

    def make(self):
        return self.code(
            "v@, end@ := new(atomic.Int64), make(chan bool)\n"
            "go func(n *atomic.Int64, end chan bool) {\n\tfor {\n\t\tselect {\n\t\tcase <-end:\n"
            "\t\t\treturn\n"
            "\t\tcase <-time.After(time.Millisecond):\n\t\t\tn.Add(1)\n\t\t}\n\t}\n}(v@, end@)"
        ), ""

    def step(self):
        return self.code(
            "for before, i := v@.Load(), 0; ; i++ {\n\tif v@.Load() > before {\n"
            '\t\tfmt.Println("ticks")\n\t\tbreak\n\t}\n\tif i == 10_000 {\n'
            '\t\tfmt.Println("stands still")\n\t\tbreak\n\t}\n\ttime.Sleep(time.Millisecond)\n}'
        ), "ticks\n"

    def drop(self):
        return self.code("close(end@)")


class List(Value):
    """A type with unexported fields, methods and pointers to itself."""

    def make(self):
        self.total = a = self.small()
        return self.code(
            "type T@ struct {\n\tname string\n\tn int\n\tnext *T@\n\tseen map[int]bool\n}\n"
            'func (t *T@) push(n int) *T@ { return &T@{fmt.Sprint("t", n), n, t, map[int]bool{n: true}} }\n'
            "func (t *T@) sum() (s int) {\n\tfor ; t != nil; t = t.next {\n"
            '\t\tif !t.seen[t.n] || t.name != fmt.Sprint("t", t.n) {\n'
            '\t\t\tpanic("a node is not what it was")\n\t\t}\n'
            '\t\ts += t.n\n\t}\n\treturn s\n}\nv@ := (*T@)(nil).push($a)\nfmt.Printf("%T %d\\n", v@, v@.sum())',
            a=a,
        ), f"*main.T{self.n} {a}\n"

    def step(self):
        a = self.small()
        self.total += a
        return self.code("v@ = v@.push($a)\nfmt.Println(v@.sum())", a=a), f"{self.total}\n"


class Generic(Value):
    def make(self):
        self.order = []
        return self.code(
            "type T@[K comparable, V any] struct {\n\tm map[K]V\n\torder []K\n}\n"
            "func (s *T@[K, V]) put(k K, v V) {\n\tif _, ok := s.m[k]; !ok {\n"
            "\t\ts.order = append(s.order, k)\n\t}\n"
            "\ts.m[k] = v\n}\nfunc f@[A, B any](in []A, f func(A) B) (out []B) {\n"
            "\tfor _, a := range in {\n\t\tout = append(out, f(a))\n\t}\n\treturn out\n}\n"
            "v@ := &T@[string, []float64]{m: map[string][]float64{}}\nfmt.Println(len(v@.order))"
        ), "0\n"

    def step(self):
        key = "x" * self.rng.randint(1, 12)
        if key not in self.order:
            self.order.append(key)
        lengths = " ".join(str(len(k)) for k in self.order)
        return self.code(
            (
                'v@.put("$k", []float64{0.5})\n'
                "fmt.Println(f@(v@.order, func(s string) int { return len(s) * int(2*v@.m[s][0]) }))"
            ),
            k=key,
        ), f"[{lengths}]\n"


class Bytes(Value):
    """A quarter of a megabyte."""

    def make(self):
        self.data = bytearray(bytes(range(256)) * 1024)
        return self.code(
            (
                "v@ := bytes.Repeat(func() (b []byte) {\n\tfor i := range 256 {\n"
                "\t\tb = append(b, byte(i))\n\t}\n\treturn b\n}(), 1024)"
            )
        ), ""

    def step(self):
        at, a = self.rng.randrange(len(self.data)), self.small()
        self.data[at] ^= a
        return self.code("v@[$at] ^= $a\nfmt.Println(crc32.ChecksumIEEE(v@))", at=at, a=a), f"{zlib.crc32(self.data)}\n"


class Coroutine(Value):
    def make(self):
        self.a, self.b = 0, 1
        return self.code(
            (
                "v@, end@ := iter.Pull(func(yield func(int) bool) {\n"
                "\tfor a, b := 0, 1; yield(a); a, b = b, (a+b)%1_000_007 {\n\t}\n})"
            )
        ), ""

    def step(self):
        text = f"{self.a}\n"
        self.a, self.b = self.b, (self.a + self.b) % 1_000_007
        return self.code("if x, ok := v@(); ok {\n\tfmt.Println(x)\n}"), text

    def drop(self):
        return self.code("end@()")


class Error(Value):
    """An interface with a value of a new type."""

    def make(self):
        self.number, self.text = self.small(), f"fault of {self.n}"
        return self.code(
            (
                'type T@ struct{ code int }\nfunc (t *T@) Error() string { return "fault of @" }\n'
                "var v@ error = &T@{$a}\nfmt.Println(v@)"
            ),
            a=self.number,
        ), self.text + "\n"

    def step(self):
        a = self.small()
        self.text = f"{a}: " + self.text
        if len(self.text) > 300:
            self.text = f"fault of {self.n}"
            return self.code("var t@ *T@\nfmt.Println(errors.As(v@, &t@))\nv@ = t@"), "true\n"
        return self.code(
            'v@ = fmt.Errorf("$a: %w", v@)\nif t := new(T@); errors.As(v@, &t) {\n\tfmt.Println(t.code, v@)\n}', a=a
        ), f"{self.number} {self.text}\n"


class Big(Value):
    def make(self):
        self.x = 1
        return self.code("v@ := big.NewInt(1)\nfmt.Println(v@)"), "1\n"

    def step(self):
        a = self.small()
        self.x = (self.x * a + 1) % 10**60
        return self.code(
            (
                "v@.Mul(v@, big.NewInt($a)).Add(v@, big.NewInt(1)).Mod(v@, "
                "new(big.Int).Exp(big.NewInt(10), big.NewInt(60), nil))\nfmt.Println(v@)"
            ),
            a=a,
        ), f"{self.x}\n"


class Locked(Value):
    """An anonymous struct that goroutines of many cells change."""

    def make(self):
        self.count = 0
        return self.code("var v@ struct {\n\tsync.Mutex\n\tn int\n\tby map[int]int\n}\nv@.by = map[int]int{}"), ""

    def step(self):
        k = self.rng.randint(2, 40)
        self.count += k
        return self.code(
            "{\n\tvar all sync.WaitGroup\n\tfor i := range $k {\n\t\tall.Go(func() {\n"
            "\t\t\tv@.Lock()\n\t\t\tdefer v@.Unlock()\n\t\t\tv@.n++\n\t\t\tv@.by[i]++\n\t\t})\n"
            "\t}\n"
            "\tall.Wait()\n\tsum := 0\n\tfor _, n := range v@.by {\n\t\tsum += n\n\t}\n\tfmt.Println(v@.n, sum)\n}",
            k=k,
        ), f"{self.count} {self.count}\n"


class Text(Value):
    def make(self):
        self.text = ""
        return self.code("v@ := &strings.Builder{}"), ""

    def step(self):
        a = f"<{self.small()}>"
        self.text += a
        return self.code(
            'v@.WriteString("$a")\nfmt.Println(v@.Len(), v@.String()[max(0, v@.Len()-9):])', a=a
        ), f"{len(self.text)} {self.text[-9:]}\n"


class Function(Value):
    """A function that each step redeclares with another body."""

    def make(self):
        return self.step()

    def step(self):
        a, b = self.small(), self.small()
        return self.code(
            (
                "func f@(x int) int {\n\tif x <= 0 {\n\t\treturn $b\n\t}\n\treturn f@(x-1) + $a\n}\n"
                "v@ := f@\nfmt.Println(v@(10))"
            ),
            a=a,
            b=b,
        ), f"{10 * a + b}\n"


KINDS = [Slice, Map, Closure, Goroutine, Ticker, List, Generic, Bytes, Coroutine, Error, Big, Locked, Text, Function]


class Values:
    """The values of a session, and cells that use them."""

    def __init__(self, seed, most=30):
        self.rng = random.Random(seed)
        self.most = most
        self.all = {}

    def new(self):
        """Returns Go that makes a value, or replaces one by another kind."""
        number = self.rng.randrange(self.most)
        drop = self.all[number].drop() if number in self.all else ""
        self.all[number] = v = self.rng.choice(KINDS)(number, self.rng)
        code, text = v.make()
        return drop, code, text

    def steps(self, count):
        """Returns Go that changes and shows some of the values, each at most once."""
        chosen = self.rng.sample(sorted(self.all), min(count, len(self.all)))
        code, text = "", ""
        for number in chosen:
            more, shown = self.all[number].step()
            code, text = code + more, text + shown
        return code, text
