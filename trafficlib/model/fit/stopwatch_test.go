package fit

import (
	"math"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

func TestStopwatch(t *testing.T) {
	w := StartWatch()
	for _, step := range []int{2, 4, 6} {
		if err := w.Point(Checkpoint{Point: snapshot.Point{Step: step}}); err != nil {
			t.Fatal(err)
		}
	}
	took := w.Table()
	all := took.Float64s("seconds")
	if took.NumRows() != 3 || !(all[0] >= 0 && all[0] <= all[1] && all[1] <= all[2]) {
		t.Errorf("seconds %v", all)
	}
	if SecondsAt(took, 4) != all[1] || SecondsAt(took, 3) != all[1] || !math.IsNaN(SecondsAt(took, 7)) {
		t.Errorf("at 4: %v, at 3: %v, at 7: %v of %v", SecondsAt(took, 4), SecondsAt(took, 3), SecondsAt(took, 7), all)
	}
}
