package seq

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// parts returns the numbers of the items in a part.
func numbersOf(parts []string, part string) (all []int) {
	for i, p := range parts {
		if p == part {
			all = append(all, i)
		}
	}
	return all
}

// TestSplitByLabel checks that both parts contain their share of each label, and that every item
// has a part.
func TestSplitByLabel(t *testing.T) {
	var labels []string
	for i := range 100 {
		labels = append(labels, map[bool]string{true: "attack", false: "normal"}[i >= 80])
	}
	labels = append(labels, "once")
	split := func(by SplitBy, test float64, seed int64) []string {
		parts, err := Split{By: by, Test: test, Seed: seed}.Parts(labels)
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	for _, by := range []SplitBy{Stratified, LatestOfEach} {
		parts := split(by, 0.2, 1)
		of := map[string]int{}
		for i, p := range parts {
			if p == Test {
				of[labels[i]]++
			}
		}
		if want := map[string]int{"normal": 16, "attack": 4}; !reflect.DeepEqual(of, want) {
			t.Errorf("%s: tests on %v, want %v", by, of, want)
		}
		if train, test := numbersOf(parts, Train), numbersOf(parts, Test); len(train)+len(test) != len(labels) {
			t.Errorf("%s: %d and %d of %d", by, len(train), len(test), len(labels))
		}
	}
	if test := numbersOf(split(LatestOfEach, 0.2, 1), Test); test[0] != 64 || test[15] != 79 || test[16] != 96 {
		t.Errorf("not the last of each: %v", test)
	}
	a, b, c := split(Stratified, 0.2, 1), split(Stratified, 0.2, 2), split(Stratified, 0.2, 1)
	if slices.Equal(a, b) || !slices.Equal(a, c) {
		t.Error("the seed does not decide")
	}
	if parts, _ := (Split{By: Stratified, Test: 0.01}).Parts(
		[]string{"a", "a", "b", "b"}); len(numbersOf(parts, Test)) != 2 {
		t.Errorf("nothing to test on: %v", parts)
	}
}

func TestSplitParts(t *testing.T) {
	labels := []string{"a", "a", "a", "a", "b", "b", "b", "b"}
	for want, s := range map[string]Split{
		"train train train test train train train test": {By: LatestOfEach, Test: 0.25},
		"train train train train train train test test": {By: Latest, Test: 0.25},
		"train train train train train valid test test": {By: Latest, Test: 0.25, Valid: 0.125},
		"train train train train test test test test": {By: Latest, Test: 0.3,
			Group: func(i int) string { return labels[i] }},
		"train train train train train train train train": {},
	} {
		if got, err := s.Parts(labels); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%+v: %v, %v, want %s", s, got, err, want)
		}
	}
	for want, s := range map[string]Split{
		`seq: split by "luck": want`:                          {By: "luck", Test: 0.5},
		"seq: split: shares NaN for testing":                  {Test: math.NaN()},
		"seq: split: shares 0.7 for testing and 0.4 for vali": {Test: 0.7, Valid: 0.4},
	} {
		if _, err := s.Parts(labels); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A sequence that has a part keeps it, and does not count.
func TestSplitKeeps(t *testing.T) {
	set := numbered(6).WithParts("", "attack", "", "", "attack", "")
	set, err := set.Split(Split{By: Latest, Test: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(set.Table().Strings("part")), "[train attack train train attack test]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := set.Parts(); !slices.Equal(got, []string{"train", "test", "attack"}) {
		t.Errorf("parts %q", got)
	}
	if err := set.NextStep("valid").Check(); err == nil ||
		err.Error() != `seq: part "valid" has no sequences: the set has ["train" "test" "attack"]` {
		t.Errorf("a part that is not there: %v", err)
	}
}

// Labels have the same numbers in all parts.
func TestPartsOfLabels(t *testing.T) {
	set := numbered(4).WithLabels("scan", "", "flood", "scan").WithParts("train", "train", "test", "test")
	train, test := set.Labeled("train"), set.Labeled("test")
	if train.Classes != 2 || !slices.Equal(train.Class, []int{1, -1}) || !slices.Equal(test.Class, []int{0, 1}) {
		t.Errorf("classes %v and %v", train.Class, test.Class)
	}
	if err := train.Check(); err == nil || err.Error() != "seq: sequence 1: class -1: want 0 to 1" {
		t.Errorf("without a label: %v", err)
	}
	if b := set.Binary("flood", "test"); b.Classes != 1 || !slices.Equal(b.Class, []int{0, 1}) {
		t.Errorf("binary: %v", b.Class)
	}
}

// Sets can be joined unless their rows have different meanings.
func TestConcat(t *testing.T) {
	a, b := numbered(2).WithNames("bytes").WithLabels("x"), numbered(3).WithParts("attack")
	all, err := Concat(a, b)
	if err != nil || all.Len() != 5 || all.About(0).Label != "x" || all.About(4) != (About{Part: "attack", Origin: 2}) ||
		all.Names()[0] != "bytes" {
		t.Errorf("%v, %v", all, err)
	}
	for want, other := range map[string]*Set{
		"seq: concat: set 1 has 2 features, the first has 1": New(2),
		"seq: concat: set 1: its features have other names":  numbered(1).WithNames("packets"),
	} {
		if _, err := Concat(a, other); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The encoder identifies a model's inputs: the one that was applied, or the one that made the rows.
func TestLineage(t *testing.T) {
	set := described()
	if got := set.NextStep().Lineage().Encoder; got != set.Encoder() {
		t.Errorf("the set's own encoder is not applied: %v", got)
	}
	if got := (NextStep{Set: set}).Lineage(); got.Encoder != nil || got.Names[0] != "bytes" {
		t.Errorf("an encoder that was not applied: %v", got)
	}
	if got := set.Continue(1).Lineage().Encoder; got != set.Encoder() {
		t.Errorf("pairs: %v", got)
	}
}
