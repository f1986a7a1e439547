package encode

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestTokenizerGolden compares ids, sequences and texts with Keras', which
// testdata/golden_tokenizer.py wrote.
func TestTokenizerGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		FittedOn []string `json:"fitted_on"`
		Asked    []string
		Cases    []struct {
			Options struct {
				NumWords int    `json:"num_words"`
				OOV      string `json:"oov_token"`
				Lower    *bool
				Filters  string
			}
			Words     []string
			Sequences [][]int
			Texts     []string
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		o := TokenizerOptions{NumWords: c.Options.NumWords, OOV: c.Options.OOV, Filters: c.Options.Filters,
			KeepCase: c.Options.Lower != nil && !*c.Options.Lower}
		fitted, err := FitTokenizer(golden.FittedOn, o)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "tokenizer.json")
		if err := fitted.Save(path); err != nil {
			t.Fatal(err)
		}
		opened, err := OpenTokenizer(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []*Tokenizer{fitted, opened} {
			if !reflect.DeepEqual(got.Words(), c.Words) {
				t.Errorf("%+v: words %q, want %q", o, got.Words(), c.Words)
			}
			sequences := got.Sequences(golden.Asked)
			if !reflect.DeepEqual(sequences, c.Sequences) {
				t.Errorf("%+v: sequences %v, want %v", o, sequences, c.Sequences)
			}
			if texts := got.Texts(sequences); !reflect.DeepEqual(texts, c.Texts) {
				t.Errorf("%+v: texts %q, want %q", o, texts, c.Texts)
			}
			if got.ID(c.Words[1]) != 2 || got.ID("no word") != 0 {
				t.Errorf("%+v: ids %d and %d", o, got.ID(c.Words[1]), got.ID("no word"))
			}
		}
	}
}

func TestTokenizerRefused(t *testing.T) {
	for want, fit := range map[string]func() error{
		"no words to fit on": func() error { _, err := FitTokenizer([]string{"", "--"}, TokenizerOptions{}); return err },
		"NumWords -1": func() error {
			_, err := FitTokenizer([]string{"a"}, TokenizerOptions{NumWords: -1})
			return err
		},
	} {
		if err := fit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	head := `{"format":"trafficlab-encoder","version":1,"kind":"tokenizer",`
	for text, want := range map[string]string{
		`{"format":"trafficlab-encoder","version":2}`:                          "version 2",
		`{"format":"trafficlab-encoder","version":1,"kind":"l2","words":null}`: "kind",
		head + `"words":["a"],"counts":[]}`:                                    "1 words and 0 counts",
		head + `"words":["a","a"],"counts":[1,1]}`:                             `the word "a" twice`,
		head + `"words":["a"],"counts":[1],"oov":"b"}`:                         `the first word is "a", want "b"`,
		head + `"words":["a"],"counts":[1],"more":1}`:                          "unknown field",
	} {
		if err := new(Tokenizer).UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
