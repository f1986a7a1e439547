package encode

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// The logarithm is taken before the mean and deviation, and the limit applies after them. The file
// keeps both, and decoding undoes the logarithm.
func TestLogWithin(t *testing.T) {
	f := fake{"bytes": []float64{0, 10, 1000, -5}, "same": []float64{7, 7, 7, 7}}
	c, err := FitTable(f, ZScore("bytes").Log().Within(1.2), ZScore("same").Log())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	y := []float64{0, math.Log(11), math.Log(1001), -math.Log(6)}
	mean, sd := meanAndSD(y)
	for i, v := range y {
		want := min(max((v-mean)/sd, -1.2), 1.2)
		if got := float64(rows[2*i]); math.Abs(got-want) > 1e-6 || rows[2*i+1] != 0 {
			t.Errorf("row %d: %v, want %v and 0", i, rows[2*i:2*i+2], want)
		}
	}
	if rows[4] != 1.2 {
		t.Errorf("the largest is %v, want the limit", rows[4])
	}
	if d := c.Decode(rows[2:4]); math.Abs(d[0].Numbers[0]-10) > 1e-4 || math.Abs(d[1].Numbers[0]-7) > 1e-12 {
		t.Errorf("decoded %v, want 10 and 7", d)
	}
	if got := c.Farthest([]float32{1, -2, 2, -4, 0, 0}, 1); !reflect.DeepEqual(got, []string{"same -2.0"}) {
		t.Errorf("farthest %q", got)
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	again := new(TableEncoder)
	if err := again.UnmarshalJSON(data); err != nil || !reflect.DeepEqual(again.parts, c.parts) {
		t.Errorf("from the file: %+v, %v", again, err)
	}
	for _, p := range []Column{Flag("bytes").Log(), Number("bytes").Within(2), ZScore("bytes").Within(-1),
		ZScore("bytes").Within(math.NaN())} {
		if _, err := FitTable(f, p); err == nil || !strings.Contains(err.Error(), `column "bytes"`) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}
