package snapshot

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample(step int) *Snapshot {
	return &Snapshot{
		Model: Model{Kind: "forecaster", Description: []byte(`{"features":2}`)},
		Data: Data{
			Names: []string{"bytes", "packets"}, Recipe: []byte(`{"extractor":"made","version":1}`),
			Encoder: []byte(`{"kind":"l2"}`),
		},
		Step: step, Epoch: 1, State: []byte(`{"seed":1}`),
		History: History{{Step: step, Epoch: 1,
			Train: Figures{Loss: 0.25, Cosines: []Cosine{{Packets: 10, Mean: 0.5, Median: 0.75}}}}},
		Weights: Tensors{"w": {Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
			"b": {Shape: []int{}, Data: []float32{7}}},
		Slots: Tensors{"w/v": {Shape: []int{2, 3}, Data: []float32{0, 0, 0, 0, 0, 1e-30}}},
	}
}

func TestSaveOpen(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []int{20, 1_000_000, 999_999} {
		if err := sample(step).Save(dir); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := List(dir)
	if err != nil || len(paths) != 3 || filepath.Base(paths[2]) != "step-1000000" {
		t.Fatalf("List: %v, %v", paths, err)
	}
	got, err := Open(dir) // the latest
	if err != nil {
		t.Fatal(err)
	}
	want := sample(1_000_000)
	want.Path = paths[2]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("came back as %+v, want %+v", got, want)
	}
	if s := want.String(); s != `forecaster {"features":2} · step 1000000 · epoch 1 · 7 weights` {
		t.Errorf("String: %s", s)
	}
}

// TestDamage truncates a snapshot at every length that matters and flips bits in it. Each error
// must be one line, without a panic.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s := sample(3)
	if err := s.Save(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{weightsFile, recordFile} {
		whole, err := os.ReadFile(filepath.Join(s.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		damaged := map[string][]byte{"empty": {}, "other": []byte("no such format at all")}
		for _, n := range []int{1, 7, 8, 9, len(whole) / 2, len(whole) - 1} {
			damaged["cut at "+string(rune('0'+n%10))] = whole[:n]
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)-2] ^= 0x40
		damaged["a flipped bit"] = flipped
		for what, data := range damaged {
			if err := os.WriteFile(filepath.Join(s.Path, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := Open(s.Path)
			switch {
			case name == recordFile && (what == "a flipped bit" || string(data) == strings.TrimSuffix(string(whole), "\n")):
				// Without its last newline the record is complete, and a flipped bit may leave it readable.
			case err == nil:
				t.Errorf("%s, %s: no error", name, what)
			case !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n"):
				t.Errorf("%s, %s: %q is not one line that names the file", name, what, err)
			}
		}
		if err := os.WriteFile(filepath.Join(s.Path, name), whole, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeaderLies checks that a header that claims more than the file holds is neither believed nor
// allocated for.
func TestHeaderLies(t *testing.T) {
	for header, want := range map[string]string{
		`{"w":{"dtype":"F32","shape":[1000000000,4],"data_offsets":[0,8]}}`:        "shape",
		`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}`: "cut off",
		`{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`:                   "data_offsets",
		`{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`:                   "8 bytes",
		`{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`:                  "shape [-2]",
		`{"w":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}}`:                  "type BF16",
		`{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}`:                 `tensor "w"`,
		`{"w":`: "header: byte",
	} {
		data := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		data = append(append(data, header...), make([]byte, 8)...)
		if _, err := parse(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", header, err, want)
		}
	}
}

func FuzzSafetensors(f *testing.F) {
	var whole bytes.Buffer
	if err := WriteSafetensors(&whole, sample(1).Weights); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ts, err := parse(data)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := WriteSafetensors(&again, ts); err != nil {
			t.Fatal(err)
		}
		back, err := parse(again.Bytes())
		if err != nil {
			t.Fatalf("what was read can not be read again: %v", err)
		}
		if back.Size() != ts.Size() {
			t.Fatalf("%d values became %d", ts.Size(), back.Size())
		}
	})
}
