package encode

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func TestSaveOpen(t *testing.T) {
	for _, e := range []*RowEncoder{
		L2(146), L2(1).Clip(), must(t)(MinMax([]float64{0, -97.17099999999999}, []float64{1e-300, 5})).Clip(),
	} {
		path := filepath.Join(t.TempDir(), "encoder.json")
		if err := e.Save(path); err != nil {
			t.Fatal(err)
		}
		if got := must(t)(OpenRow(path)); !reflect.DeepEqual(got, e) {
			t.Errorf("got %v, want %v", got, e)
		}
		// As a part of another JSON document.
		data, err := json.Marshal(map[string]*RowEncoder{"encoder": e})
		if err != nil {
			t.Fatal(err)
		}
		var outer struct{ Encoder *RowEncoder }
		if err := json.Unmarshal(data, &outer); err != nil || !reflect.DeepEqual(outer.Encoder, e) {
			t.Errorf("inside of another document: %v, %v", outer.Encoder, err)
		}
	}
	if err := new(RowEncoder).Save(filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("the zero encoder was saved")
	}
}

// A file of version 1, the first format.
func TestVersion1(t *testing.T) {
	const text = `{"format":"trafficlab-encoder","version":1,"kind":"minmax","features":2,` +
		`"clip":true,"min":[0,-1.5],"max":[2,0]}`
	e := must(t)(MinMax([]float64{0, -1.5}, []float64{2, 0})).Clip()
	got := new(RowEncoder)
	if err := got.UnmarshalJSON([]byte(text)); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("read as %v, %v", got, err)
	}
	if data, err := json.Marshal(e); err != nil || string(data) != text {
		t.Errorf("written as %s, %v", data, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	const head = `{"format":"trafficlab-encoder","version":1,`
	for text, want := range map[string]string{
		"":                               "unexpected end of JSON input",
		`{"format":"trafficlab-encoder"`: "unexpected end of JSON input",
		`[]`:                             "json: cannot unmarshal array into Go value of type",
		`{"format":"other"}`:             `format "other", want "trafficlab-encoder"`,
		`{"format":"trafficlab-encoder","version":2,"new":1}`:          "version 2, this library reads version 1",
		head + `"kind":"zscore","features":2}`:                         `kind "zscore", want "l2" or "minmax"`,
		head + `"kind":"l2","features":0}`:                             "0 features, want 1 or more",
		head + `"kind":"l2","features":-5}`:                            "-5 features, want 1 or more",
		head + `"kind":"l2","features":1,"min":[1]}`:                   `kind "l2" takes no min and max`,
		head + `"kind":"l2","features":1,"more":1}`:                    `json: unknown field "more"`,
		head + `"kind":"l2","features":1}{}`:                           "invalid character '{' after top-level value",
		head + `"kind":"minmax","features":3,"min":[1,2],"max":[1,2]}`: "2 minima and 2 maxima for 3 features",
		head + `"kind":"minmax","features":1,"min":[null],"max":[1]}`:  "min 0 is null",
		head + `"kind":"minmax","features":1,"min":[3],"max":[1]}`:     "feature 0: minimum 3 is above maximum 1",
		head + `"kind":"minmax","features":1,"min":[1e999],"max":[1]}`: "json: cannot unmarshal number 1e999",
	} {
		path := filepath.Join(t.TempDir(), "e.json")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := OpenRow(path)
		if err == nil || !strings.HasPrefix(err.Error(), "encode: "+path+": "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestReadMinMax(t *testing.T) {
	path := filepath.Join(t.TempDir(), "minmax.csv")
	for text, want := range map[string]string{
		"[[0.0, -1.5], [2, 0]]":  "",
		"[[0],[1]]\n":            "",
		"":                       "the JSON ends too early",
		"[[0, 1], [2":            "the JSON ends too early",
		"[[0, NaN], [2, 3]]":     "invalid character 'N' looking for beginning of value",
		"[[0, null], [2, 3]]":    "min 1 is null",
		"[[0], [1], [2]]":        "3 lists, want two: [[min …], [max …]]",
		"null":                   "0 lists, want two: [[min …], [max …]]",
		"[[0, 1], [2]]":          "2 minima and 1 maxima for 2 features",
		"[[], []]":               "0 features, want 1 or more",
		"[[5], [4]]":             "feature 0: minimum 5 is above maximum 4",
		"[[0], [1]] x":           "there is more after the JSON value",
		`{"min": [0]}`:           "json: cannot unmarshal object",
		"No.,Time,Source\n1,2,3": "invalid character 'N' looking for beginning of value",
	} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		e, err := ReadMinMax(path)
		if want == "" {
			again := filepath.Join(t.TempDir(), "again.csv")
			if err != nil || e.WriteMinMax(again) != nil || !reflect.DeepEqual(must(t)(ReadMinMax(again)), e) {
				t.Errorf("%q: %v, %v, or there and back differs", text, e, err)
			}
		} else if err == nil || !strings.HasPrefix(err.Error(), "encode: "+path+": "+want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := ReadMinMax(path + "-absent"); err == nil || !strings.HasPrefix(err.Error(), "encode: open ") {
		t.Errorf("an absent file: %v", err)
	}
	if err := L2(1).WriteMinMax(path); err == nil {
		t.Error("L2 was written as minima and maxima")
	}
}

func TestRealMinMax(t *testing.T) {
	for name, constant := range map[string]string{ // of 146 features
		"features_minmax_normal_2019-04-28_08-48-01.csv":  "25 constant",
		"features_minmax_malware_2019-06-22_16-37-09.csv": "104 constant",
	} {
		e := must(t)(ReadMinMax(shareddata.Dir(t, "tls_attack_146", name)))
		if e.Features() != 146 || !strings.Contains(e.String(), constant) {
			t.Errorf("%s: %v", name, e)
		}
	}
	// Padding is encoded as well: the interval, whose minimum is below 0, becomes 0.0016.
	e := must(t)(ReadMinMax(shareddata.Dir(t, "tls_attack_146", "features_minmax_normal_2019-04-28_08-48-01.csv")))
	row := make([]float32, 146)
	e.Transform(row)
	if row[8] < 0.00155 || row[8] > 0.00165 {
		t.Errorf("an interval of 0 becomes %v, want 0.0016", row[8])
	}
}

func TestShow(t *testing.T) {
	e := must(t)(MinMax(make([]float64, 30),
		append(make([]float64, 5), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
			23, 24, 25)))
	bundle, err := e.MIME()
	if err != nil {
		t.Fatal(err)
	}
	text := bundle["text/plain"].(string)
	if !strings.HasPrefix(text, "min-max: each of 30 features moved to 0 … 1; 5 constant ones to 0\n") ||
		!strings.HasSuffix(text, "… 5 more features that vary\n") {
		t.Errorf("the text is\n%s", text)
	}
	if bundle, err := L2(3).Clip().MIME(); err != nil ||
		bundle["text/plain"] != "L2: each row of 3 features divided by its length; clipped to 0 … 1" {
		t.Errorf("L2 shows as %v, %v", bundle, err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"format":"trafficlab-encoder","version":1,"kind":"minmax","features":1,"min":[0],"max":[2]}`))
	f.Add([]byte(`{"format":"trafficlab-encoder","version":1,"kind":"l2","features":3,"clip":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e := new(RowEncoder)
		if err := e.UnmarshalJSON(data); err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has two lines: %q", err)
			}
			return
		}
		again, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back := new(RowEncoder)
		if err := back.UnmarshalJSON(again); err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s: there and back: %v, %v", data, back, err)
		}
	})
}

func TestLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "limits.json")
	if err := os.WriteFile(path, []byte("[[0, -1], [2, 5]]"), 0o666); err != nil {
		t.Fatal(err)
	}
	e := must(t)(ReadMinMax(path))
	if low, high := e.Limits(); !reflect.DeepEqual(low, []float64{0, -1}) || !reflect.DeepEqual(high, []float64{2, 5}) {
		t.Errorf("limits %v and %v", low, high)
	}
	if low, high := L2(3).Limits(); low != nil || high != nil {
		t.Errorf("limits of L2: %v and %v", low, high)
	}
}

// Parse reads either kind of encoder.
func TestParse(t *testing.T) {
	table, err := FitTable(fake{"ack": []float64{0, 1}}, Flag("ack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Encoder{L2(3).Clip(), table} {
		data, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(data)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(e) || fmt.Sprintf("%T", got) != fmt.Sprintf("%T", e) {
			t.Errorf("%T: got %v, %v", e, got, err)
		}
	}
	for _, text := range []string{"", "{}", `{"format":"trafficlab-encoder","version":1,"kind":"abacus"}`} {
		if got, err := Parse([]byte(text)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
