package seq

import (
	"slices"
	"strings"
	"testing"
)

// numbered returns a set of n sequences of one feature. Sequence i has i+1 steps of the value i.
func numbered(n int) *Set {
	rows := make([][]float32, n)
	for i := range rows {
		rows[i] = slices.Repeat([]float32{float32(i)}, i+1)
	}
	return New(1, rows...)
}

func origins(s *Set) (all []int) {
	for i := range s.Len() {
		all = append(all, s.Origin(i))
	}
	return all
}

func TestSplitRandom(t *testing.T) {
	for _, c := range []struct {
		n           int
		ratio       float64
		train, test []int // of Permutation(n, 2019)
	}{
		// The published split of the 14 TrickBot sessions.
		{14, 0.05, []int{0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13}, []int{8}},
		{14, 0, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, nil},
		{14, 0.3, []int{0, 1, 3, 4, 6, 7, 9, 10, 11, 12}, []int{2, 5, 8, 13}},
		{14, 1, nil, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		{1, 0.3, []int{0}, nil},
		{0, 0.3, nil, nil},
	} {
		set, err := numbered(c.n).Split(Split{Test: c.ratio, Seed: 2019})
		if err != nil {
			t.Fatal(err)
		}
		train, test := set.Part(Train), set.Part(Test)
		if !slices.Equal(origins(train), c.train) || !slices.Equal(origins(test), c.test) {
			t.Errorf("%v of %d: %v and %v, want %v and %v", c.ratio, c.n, origins(train), origins(test), c.train, c.test)
		}
		for i, o := range origins(test) {
			if test.Steps(i) != o+1 || test.At(i)[0] != float32(o) {
				t.Errorf("sequence %d of the test part is not %d of the set", i, o)
			}
		}
	}
}

func TestViews(t *testing.T) {
	s := numbered(10)
	a, b := s.Head(8), s.Subset([]int{8, 9})
	v := b.Subset([]int{1, 0, 1})
	if want := []int{9, 8, 9}; !slices.Equal(origins(v), want) {
		t.Errorf("a view of a view comes from %v, want %v", origins(v), want)
	}
	if v.Longest() != 10 || s.Head(3).Longest() != 3 {
		t.Errorf("longest: %d and %d, want 10 and 3", v.Longest(), s.Head(3).Longest())
	}
	if s.Head(99).Len() != 10 || s.Head(-1).Len() != 0 {
		t.Error("Head does not stop at the ends")
	}
	steps := 0
	for rows := range v.Sequences() {
		steps += len(rows)
	}
	if steps != 29 {
		t.Errorf("Rows gives %d steps, want 29", steps)
	}
	if &a.At(0)[0] != &s.At(0)[0] {
		t.Error("a view copies its sequences")
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"no features":     func() { New(0) },
		"half a row":      func() { New(2, []float32{1, 2, 3}) },
		"too few parts":   func() { numbered(3).WithParts("train", "test") },
		"too many names":  func() { numbered(3).WithNames("a", "b") },
		"negative batch":  func() { Order{BatchSize: -1}.Indices(3) },
		"number too high": func() { numbered(3).Subset([]int{3}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestShow(t *testing.T) {
	s := numbered(12)
	want := "12 sequences of 1 features: 78 steps, 1 to 12 each, median 7"
	if s.String() != want {
		t.Errorf("got %q, want %q", s, want)
	}
	bundle, err := s.MIME()
	if err != nil {
		t.Fatal(err)
	}
	text := bundle["text/plain"].(string)
	if !strings.Contains(text, want) || !strings.Contains(text, "… 2 more sequences") ||
		strings.Count(text, "\n") != 13 {
		t.Errorf("the text is\n%s", text)
	}
	var empty Set
	if _, err := empty.MIME(); err != nil || empty.String() != "0 sequences of 0 features" {
		t.Errorf("the empty set shows as %q, %v", &empty, err)
	}
}

func TestValues(t *testing.T) {
	s := New(2, []float32{1, 2, 3, 4}, []float32{5, 6})
	if got := s.Subset([]int{1, 0}).Values(); !slices.Equal(got, []float32{5, 6, 1, 2, 3, 4}) {
		t.Errorf("values %v", got)
	}
	if got := s.Transposed(0); !slices.Equal(got[0], []float64{1, 3}) || !slices.Equal(got[1], []float64{2, 4}) {
		t.Errorf("transposed %v", got)
	}
}
