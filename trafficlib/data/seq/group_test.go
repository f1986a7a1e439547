package seq

import (
	"slices"
	"testing"
)

func TestGroup(t *testing.T) {
	rows := []float32{0, 1, 2, 3, 4, 5, 6, 7}
	set, err := Group(2, rows, []int64{0, 1, 2, 0})
	if err != nil || set.Len() != 2 || set.Steps(0) != 3 || !slices.Equal(set.At(1), []float32{6, 7}) ||
		set.Longest() != 3 {
		t.Errorf("got %v, %v", set, err)
	}
	if set, err := Group(2, nil, nil); err != nil || set.Len() != 0 {
		t.Errorf("no rows: %v, %v", set, err)
	}
	for want, position := range map[string][]int64{
		"seq: row 0: position 1, want 0 or 0":        {1, 2, 3, 4},
		"seq: row 2: position 3, want 2 or 0":        {0, 1, 3, 0},
		"seq: 8 values are not 3 rows of 2 features": {0, 1, 2},
	} {
		if _, err := Group(2, rows, position); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFixedLength(t *testing.T) {
	s := FixedLength(2, 3, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	if s.Len() != 2 || s.Steps(1) != 3 || s.At(1)[0] != 7 || FixedLength(2, 3, nil).Len() != 0 {
		t.Errorf("%v", s)
	}
	defer func() {
		if recover() == nil {
			t.Error("half a sequence: no panic")
		}
	}()
	FixedLength(2, 3, make([]float32, 9))
}
