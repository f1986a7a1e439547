package seq

import (
	"fmt"
	"strings"
	"testing"
)

func TestLabeled(t *testing.T) {
	set := New(1, []float32{1, 2, 3}, []float32{7}).Subset([]int{1, 0})
	l := Labeled{Set: set, Classes: 3, Class: []int{2, 0}, Transform: plusOne(1)}
	for want, l := range map[string]Labeled{
		"[8 0 0 2 3 4] [0 0 1 1 0 0] [1 3] [1 1]": l,
		"[7 0 0 1 2 3] [1 0 1 0 0 0] [1 3] [1 1]": {Set: set, Classes: 3, Labels: [][]int{{2, 0}, nil}},
		"[7 0 0 1 2 3] [0 1] [1 3] [1 1]":         {Set: set, Classes: 1, Class: []int{0, 1}},
		"[7 1] [1 0] [1 1] [1 1]":                 {Set: set, Classes: 1, Labels: [][]int{{0}, {}}, SequenceLen: 1},
	} {
		if err := l.Check(); err != nil {
			t.Error(err)
		}
		if b := l.Batch([]int{0, 1}); fmt.Sprint(b.Input, b.Target, b.Lengths, b.TargetLengths) != want {
			t.Errorf("got %v %v %v %v, want %s", b.Input, b.Target, b.Lengths, b.TargetLengths, want)
		}
	}
	for want, change := range map[string]func(l *Labeled){
		"seq: labeled with 0 classes":                func(l *Labeled) { l.Classes = 0 },
		"seq: labeled: want either Class or Labels":  func(l *Labeled) { l.Labels = make([][]int, 2) },
		"seq: labeled: want either Class or Labels ": func(l *Labeled) { l.Class = nil },
		"seq: classes of 1 sequences, the set has 2": func(l *Labeled) { l.Class = []int{1} },
		"seq: sequence 1: class 3: want 0 to 2":      func(l *Labeled) { l.Class = []int{3, 0} },
		"seq: sequence 0: class -1: want 0 to 2":     func(l *Labeled) { l.Class, l.Labels = nil, [][]int{{1}, {2, -1}} },
		"seq: sequence 0: class 2: want 0 to 1":      func(l *Labeled) { l.Classes, l.Class = 1, []int{1, 2} },
		"seq: SequenceLen -1":                        func(l *Labeled) { l.SequenceLen = -1 },
		"seq: the set has no sequences":              func(l *Labeled) { l.Set = nil },
		"seq: the transform is for 2 features":       func(l *Labeled) { l.Transform = plusOne(2) },
	} {
		l := l
		change(&l)
		if err := l.Check(); err == nil || !strings.HasPrefix(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Sequences of ids, each with the labels that apply to it.
func ExampleLabeled() {
	words := New(1, []float32{4, 17}, []float32{3, 3, 9})
	examples := Labeled{Set: words, Classes: 3, Labels: [][]int{{0, 2}, {1}}}
	fmt.Println(examples.Check())
	for batch := range Batches(examples, Order{}) {
		fmt.Println(batch.Input, batch.Lengths, batch.Target)
	}
	// Output:
	// <nil>
	// [4 17 0 3 3 9] [2 3] [1 0 1 0 1 0]
}
