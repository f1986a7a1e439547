package encode

import (
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// bins is a table of one column to fit on, with every kind of value that a column can hold.
func bins() *table.Table {
	return table.New(
		table.Col("x", []float64{5, 1, 2, 3, 4, 6, 7, 8, math.Inf(1), math.NaN()}),
		table.Col("flag", []int64{0, 0, 0, 0, 0, 0, 0, 1, 1, 0}),
		table.Col("ip", []string{"b", "a", "b", "b", "a", "c", "", "b", "a", "b"}),
		table.Col("none", []string{"", "", "", "", "", "", "", "", "", ""}),
		table.Col("same", []int64{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}),
	)
}

func TestQuantiles(t *testing.T) {
	if _, err := FitTable(bins(), Quantiles("flag", 10), Flag("flag")); err == nil {
		t.Fatal("two features of one name")
	}
	parts := []Column{Quantiles("x", 3), Quantiles("flag", 10), Categories("ip", 2), Quantiles("none", 4),
		Quantiles("same", 4)}
	fitted, err := FitTable(bins(), parts...)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "encoder.json")
	if err := fitted.Save(path); err != nil {
		t.Fatal(err)
	}
	opened, err := OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*TableEncoder{fitted, opened} {
		if names := c.Names(); !reflect.DeepEqual(names, []string{"x", "flag", "ip-a", "ip-b", "same"}) {
			t.Fatalf("features %q", names)
		}
		rows, err := c.Encode(bins())
		if err != nil {
			t.Fatal(err)
		}
		// Nine values: limits 4 and 7, so 1 2 3, 4 5 6 and 7 8 ∞; the tenth is missing, bin 3.
		want := []float32{1, 0, 0, 0, 1, 1, 2, 2, 2, 3}
		ip := []float32{1, 0, 1, 1, 0, 0, 0, 1, 0, 1}
		for i := range want {
			if row := rows[5*i : 5*i+5]; want[i] != row[0] || row[3] != ip[i] || row[4] != 0 {
				t.Errorf("row %d: %v, want %v … %v 0", i, row, want[i], ip[i])
			}
		}
		if n, err := c.Vocabulary(); n != 4+3+2+2+2 || err != nil {
			t.Errorf("%d ids, %v", n, err)
		}
		ids, err := c.IDs(bins())
		if err != nil {
			t.Fatal(err)
		}
		if first := ids[:5]; !reflect.DeepEqual(first, []float32{1, 4, 7, 10, 11}) {
			t.Errorf("ids %v", first)
		}
		back, err := c.FromIDs(ids)
		if err != nil || !reflect.DeepEqual(back, rows) {
			t.Errorf("back: %v, %v", back, err)
		}
		if _, err := c.FromIDs([]float32{4, 4, 7, 10, 11}); err == nil ||
			!strings.Contains(err.Error(), "row 0: feature 0: id 4: want 0 to 3") {
			t.Errorf("a wrong id: %v", err)
		}
		decoded := c.Decode(rows)
		if x := decoded[0].Numbers; x[1] != 2 || x[5] != 5 || x[8] != 8 || !math.IsNaN(x[9]) {
			t.Errorf("medians %v", x)
		}
		if ips := decoded[2].Texts; ips[0] != "b" || ips[1] != "a" || ips[5] != "" {
			t.Errorf("addresses %q", ips)
		}
		scaled, err := c.Scaled(bins())
		if err != nil || scaled[5*9] != 1 || scaled[5*1] != 0 || scaled[5*7+1] != 0.5 {
			t.Errorf("scaled %v, %v", scaled, err)
		}
		// Other data: values below and above the range, an unseen value, and a column of missing values.
		other := table.New(table.Col("x", []float64{-99, 99}), table.Col("flag", []string{"", ""}),
			table.Col("ip", []string{"c", "z"}), table.Col("none", []float64{1, 2}), table.Col("same", []int64{4, 2}))
		if rows, err = c.Encode(other); err != nil || !reflect.DeepEqual(rows, []float32{0, 2, 0, 0, 0, 2, 2, 0, 0, 0}) {
			t.Errorf("other rows %v, %v", rows, err)
		}
	}
}

func TestQuantilesRefused(t *testing.T) {
	for want, parts := range map[string][]Column{
		"1 bins: want 2":                {Quantiles("x", 1)},
		`column "ip" is text`:           {Quantiles("ip", 3)},
		"the -1 most frequent":          {Categories("ip", -1)},
		`kind "number": its values`:     {Number("same")},
		`kind "zscore": its values are`: {ZScore("same")},
	} {
		c, err := FitTable(bins(), parts...)
		if err == nil {
			_, err = c.IDs(bins())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	head := `{"format":"trafficlab-encoder","version":1,"kind":"columns","features":1,"columns":[{"column":"x",`
	for text, want := range map[string]string{
		`"kind":"quantiles","bins":3,"limits":[2,1],"centers":[1,2,3]}]}`: "rising",
		`"kind":"quantiles","bins":3,"limits":[1,1],"centers":[1,2,3]}]}`: "rising",
		`"kind":"quantiles","bins":2,"limits":[1,2],"centers":[1,2,3]}]}`: "for 2 bins",
		`"kind":"quantiles","bins":3,"limits":[1,2],"centers":[1,2]}]}`:   "2 centers",
		`"kind":"quantiles","bins":3,"limits":[1],"centers":[1,null]}]}`:  "null",
		`"kind":"quantiles","bins":3,"centers":[1],"prefix":"p"}]}`:       "takes no prefix",
		`"kind":"seen","prefix":"x","names":["a","a"]}]}`:                 "twice",
		`"kind":"seen","prefix":"x","names":["a"],"limits":[1]}]}`:        "takes no limits",
		`"kind":"number","bins":3}]}`:                                     "takes no bins",
	} {
		if err := new(TableEncoder).UnmarshalJSON([]byte(head + text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
