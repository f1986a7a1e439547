package seq

import (
	"reflect"
	"testing"
)

// TestDeal: each class is in both parts by the ratio, and nothing is lost or twice.
func TestDeal(t *testing.T) {
	class := []string{}
	for i := range 100 {
		class = append(class, map[bool]string{true: "attack", false: "normal"}[i >= 80])
	}
	class = append(class, "once")
	for what, parts := range map[string]func() ([]int, []int){
		"Deal":     func() ([]int, []int) { return Deal(class, 0.2, 1) },
		"DealLast": func() ([]int, []int) { return DealLast(class, 0.2) },
	} {
		train, test := parts()
		seen, of := map[int]int{}, map[string]int{}
		for _, i := range test {
			of[class[i]]++
			seen[i]++
		}
		for _, i := range train {
			seen[i]++
		}
		if len(seen) != len(class) || len(train)+len(test) != len(class) {
			t.Errorf("%s: %d of %d, %d and %d", what, len(seen), len(class), len(train), len(test))
		}
		if want := map[string]int{"normal": 16, "attack": 4}; !reflect.DeepEqual(of, want) {
			t.Errorf("%s: tests on %v, want %v", what, of, want)
		}
		if what == "DealLast" && (test[0] != 64 || test[15] != 79 || test[16] != 96) {
			t.Errorf("not the last: %v", test)
		}
	}
	a, _ := Deal(class, 0.2, 1)
	b, _ := Deal(class, 0.2, 2)
	c, _ := Deal(class, 0.2, 1)
	if reflect.DeepEqual(a, b) || !reflect.DeepEqual(a, c) {
		t.Error("the seed does not decide")
	}
	if _, test := Deal([]int{0, 0, 1, 1}, 0.01, 1); len(test) != 2 {
		t.Errorf("nothing to test on: %v", test)
	}
	if train, test := Tail(5, 0.2); !reflect.DeepEqual(train, []int{0, 1, 2, 3}) || !reflect.DeepEqual(test, []int{4}) {
		t.Errorf("Tail: %v, %v", train, test)
	}
}

func TestDealBy(t *testing.T) {
	class := []int{0, 0, 0, 0, 1, 1, 1, 1}
	for how, want := range map[string][]int{"time": {3, 7}, "tail": {6, 7}} {
		if _, test, err := DealBy(how, class, 0.25, 1); err != nil || !reflect.DeepEqual(test, want) {
			t.Errorf("%s: %v, %v", how, test, err)
		}
	}
	if _, test, err := DealBy("stratified", class, 0.25, 1); err != nil || len(test) != 2 || class[test[0]] == class[test[1]] {
		t.Errorf("stratified: %v, %v", test, err)
	}
	if _, _, err := DealBy("luck", class, 0.25, 1); err == nil {
		t.Error("by luck")
	}
	set := Even(1, 3, []float32{1, 2, 3, 4, 5, 6})
	if set.Len() != 2 || set.Steps(1) != 3 || set.At(1)[0] != 4 {
		t.Errorf("%v", set)
	}
}
