package table

import (
	"strings"
	"testing"
)

func TestEnds(t *testing.T) {
	tab := New(Col("position", []int64{0, 1, 2, 3, 4}), Col("timestamp", []float64{37.294817, 37.295, 1, 2, 25638.793159}),
		Col("protocol", []string{"TCP", "TCP", "HTTP", "TCP", "TELNET"}), Col("ack", []float32{1, 0, 1, 1, 1}))
	want := `     position     timestamp  protocol  ack
  0         0     37.294817       TCP    1
  1         1     37.295000       TCP    0
...       ...           ...       ...  ...
  3         3      2.000000       TCP    1
  4         4  25638.793159    TELNET    1
[5 rows x 4 columns]
`
	if got := tab.Ends(2).String(); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := tab.Ends(3).String(); strings.Contains(got, "...") || strings.Count(got, "\n") != 7 {
		t.Errorf("a table of few rows is cut:\n%s", got)
	}
	bundle, err := tab.Ends(1).MIME()
	if err != nil || !strings.Contains(bundle["text/html"].(string), "25638.793159") {
		t.Errorf("MIME: %v, %v", bundle, err)
	}
}

func TestFromRows(t *testing.T) {
	tab := FromRows([]string{"a", "b"}, []float32{1, 2, 3, 4, 5, 6})
	if got := tab.Float64s("b"); tab.NumRows() != 3 || got[0] != 2 || got[2] != 6 {
		t.Errorf("column b is %v of %d rows", got, tab.NumRows())
	}
	defer func() {
		if recover() == nil {
			t.Error("five values of two columns: no panic")
		}
	}()
	FromRows([]string{"a", "b"}, make([]float32, 5))
}

func TestSlice(t *testing.T) {
	tab := New(Col("a", []int64{0, 1, 2, 3}))
	if got := Values[int64](tab.Slice(1, 3), "a"); len(got) != 2 || got[0] != 1 {
		t.Errorf("got %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("rows that are not there: no panic")
		}
	}()
	tab.Slice(2, 5)
}
