package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Filters are the characters that a Tokenizer replaces by blanks by default: Keras' own list.
const Filters = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n"

// TokenizerOptions say how texts are cut into words. The zero value is the default of Keras.
type TokenizerOptions struct {
	NumWords int    // only words with an id below it count, the most frequent NumWords-1; 0 means all
	Filters  string // characters that stand for blanks; "" means the constant Filters
	KeepCase bool   // do not turn words to lower case
	OOV      string // stands for unknown words, with the id 1; "" leaves them out
}

// A Tokenizer numbers the words of texts, as that of Keras does (keras.preprocessing.text): from 1
// on, the most frequent first, words of one frequency in the order of their appearance. 0 is no
// word. FitTokenizer and OpenTokenizer make one.
type Tokenizer struct {
	o      TokenizerOptions
	words  []string // the word of id i+1
	counts []int    // how often it was seen; 0 for OOV
}

// FitTokenizer numbers the words of texts. It is an error if there are none.
func FitTokenizer(texts []string, o TokenizerOptions) (*Tokenizer, error) {
	t := &Tokenizer{o: o}
	if err := t.o.check(); err != nil {
		return nil, fmt.Errorf("encode: tokenizer: %w", err)
	}
	at := map[string]int{}
	for _, text := range texts {
		for _, word := range t.cut(text) {
			k, ok := at[word]
			if !ok {
				k = len(t.words)
				at[word] = k
				t.words, t.counts = append(t.words, word), append(t.counts, 0)
			}
			t.counts[k]++
		}
	}
	if len(t.words) == 0 {
		return nil, errors.New("encode: tokenizer: there are no words to fit on")
	}
	order := make([]int, len(t.words))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return t.counts[b] - t.counts[a] })
	words, counts := []string{}, []int{}
	if o.OOV != "" {
		words, counts = append(words, o.OOV), append(counts, 0)
	}
	for _, k := range order {
		words, counts = append(words, t.words[k]), append(counts, t.counts[k])
	}
	t.words, t.counts = words, counts
	return t, nil
}

func (o TokenizerOptions) check() error {
	if o.NumWords < 0 {
		return fmt.Errorf("NumWords %d: want a positive number, or 0 for all words", o.NumWords)
	}
	return nil
}

// cut returns the words of a text.
func (t *Tokenizer) cut(text string) []string {
	filters := t.o.Filters
	if filters == "" {
		filters = Filters
	}
	if !t.o.KeepCase {
		text = strings.ToLower(text)
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || strings.ContainsRune(filters, r) })
}

// Words returns the words, that with the id 1 first, including those that NumWords leaves out.
func (t *Tokenizer) Words() []string { return slices.Clone(t.words) }

// ID returns the id of a word of Words, 0 if it is not one.
func (t *Tokenizer) ID(word string) int { return slices.Index(t.words, word) + 1 }

// Sequences returns the ids of the words of each text. Words that are unknown, or have no id below
// NumWords, are left out, or become OOV.
func (t *Tokenizer) Sequences(texts []string) [][]int {
	ids := map[string]int{}
	for i, word := range t.words {
		ids[word] = i + 1
	}
	all := make([][]int, len(texts))
	for i, text := range texts {
		all[i] = []int{}
		for _, word := range t.cut(text) {
			id, ok := ids[word]
			if !ok || t.o.NumWords > 0 && id >= t.o.NumWords {
				if t.o.OOV == "" {
					continue
				}
				id = 1
			}
			all[i] = append(all[i], id)
		}
	}
	return all
}

// Texts returns the words of ids, joined by blanks. Ids of no word are left out.
func (t *Tokenizer) Texts(sequences [][]int) []string {
	texts := make([]string, len(sequences))
	for i, ids := range sequences {
		var words []string
		for _, id := range ids {
			if id > 0 && id <= len(t.words) {
				words = append(words, t.words[id-1])
			}
		}
		texts[i] = strings.Join(words, " ")
	}
	return texts
}

// String returns the words, the most frequent first, and how often each was seen.
func (t *Tokenizer) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d words\n", len(t.words))
	for i, word := range t.words {
		fmt.Fprintf(&b, "%d %s (%d)\n", i+1, word, t.counts[i])
	}
	return b.String()
}

const kindTokenizer = "tokenizer"

// tokenizerFile is a Tokenizer as JSON, in the same frame as a RowEncoder.
type tokenizerFile struct {
	Format   string   `json:"format"`
	Version  int      `json:"version"`
	Kind     string   `json:"kind"`
	NumWords int      `json:"num_words,omitempty"`
	Filters  string   `json:"filters,omitempty"`
	KeepCase bool     `json:"keep_case,omitempty"`
	OOV      string   `json:"oov,omitempty"`
	Words    []string `json:"words"`
	Counts   []int    `json:"counts"`
}

// MarshalJSON returns the tokenizer as a self-describing JSON object, the contents of an encoder
// file.
func (t *Tokenizer) MarshalJSON() ([]byte, error) {
	if len(t.words) == 0 {
		return nil, errors.New("encode: the zero Tokenizer cannot be saved")
	}
	return json.Marshal(tokenizerFile{format, version, kindTokenizer, t.o.NumWords, t.o.Filters, t.o.KeepCase,
		t.o.OOV, t.words, t.counts})
}

// UnmarshalJSON reads what MarshalJSON returned. On an error the tokenizer is unchanged.
func (t *Tokenizer) UnmarshalJSON(data []byte) error {
	if err := checkHead(data); err != nil {
		return err
	}
	var f tokenizerFile
	if err := decode(data, &f); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	got := Tokenizer{TokenizerOptions{f.NumWords, f.Filters, f.KeepCase, f.OOV}, f.Words, f.Counts}
	switch {
	case f.Kind != kindTokenizer:
		return fmt.Errorf("encode: kind %q, want %q", f.Kind, kindTokenizer)
	case len(f.Words) == 0 || len(f.Words) != len(f.Counts):
		return fmt.Errorf("encode: tokenizer: %d words and %d counts", len(f.Words), len(f.Counts))
	case f.OOV != "" && f.Words[0] != f.OOV:
		return fmt.Errorf("encode: tokenizer: the first word is %q, want %q, which stands for unknown ones",
			f.Words[0], f.OOV)
	}
	if err := got.o.check(); err != nil {
		return fmt.Errorf("encode: tokenizer: %w", err)
	}
	seen := map[string]bool{}
	for _, word := range f.Words {
		if seen[word] {
			return fmt.Errorf("encode: tokenizer: the word %q twice", word)
		}
		seen[word] = true
	}
	*t = got
	return nil
}

// Save writes the tokenizer to a JSON file, whole or not at all.
func (t *Tokenizer) Save(path string) error {
	data, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	return write(path, data)
}

// OpenTokenizer reads a tokenizer that Save wrote.
func OpenTokenizer(path string) (*Tokenizer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	t := new(Tokenizer)
	if err := t.UnmarshalJSON(data); err != nil {
		return nil, at(path, err)
	}
	return t, nil
}
