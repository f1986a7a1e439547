package headless

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args string
		want Job
	}{
		{"", Job{}},
		{"a.ipynb -p lr=1 b.ipynb -p note=a=b --out dir", Job{
			Notebooks: []string{"a.ipynb", "b.ipynb"}, Values: map[string]string{"lr": "1",
				"note": "a=b"}, Out: "dir"}},
		{"--timeout 20m -cell-timeout=90s a.ipynb", Job{
			Notebooks: []string{"a.ipynb"}, Timeout: 20 * time.Minute, CellTimeout: 90 * time.Second}},
		{"a.ipynb --inplace", Job{Notebooks: []string{"a.ipynb"}, InPlace: true}},
		{"-p x= -- -odd.ipynb -p", Job{Notebooks: []string{"-odd.ipynb", "-p"}, Values: map[string]string{"x": ""}}},
	} {
		if c.want.Values == nil {
			c.want.Values = map[string]string{}
		}
		got, err := Parse(strings.Fields(c.args))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, %v\nwant %+v", c.args, got, err, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"a.ipynb -p":              "needs an argument",
		"a.ipynb -p lr":           "want name=value",
		"a.ipynb -p =1":           "want name=value",
		"a.ipynb -p x=1 -p x=2":   "x is set twice",
		"a.ipynb --fast":          "not defined: -fast",
		"a.ipynb --timeout 5":     "parse error",
		"a.ipynb --timeout -5s":   "cannot be negative",
		"a.ipynb --inplace -p a=": "leave out -p",
	} {
		if _, err := Parse(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
}
