package seq

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

func same(t *testing.T, got, want *Set) {
	t.Helper()
	if got.Len() != want.Len() || got.Features() != want.Features() || got.Longest() != want.Longest() {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want.Len() {
		if !slices.Equal(got.At(i), want.At(i)) {
			t.Fatalf("sequence %d: got %v, want %v", i, got.At(i), want.At(i))
		}
		if got.About(i) != want.About(i) {
			t.Fatalf("sequence %d: got %+v, want %+v", i, got.About(i), want.About(i))
		}
	}
	if a, b := got.Labels(), want.Labels(); !slices.Equal(a, b) {
		t.Fatalf("labels %q, want %q", a, b)
	}
	a, b := got.Lineage(), want.Lineage()
	if !slices.Equal(a.Names, b.Names) || !slices.Equal(a.Sources, b.Sources) ||
		fmt.Sprint(a.Recipe) != fmt.Sprint(b.Recipe) {
		t.Fatalf("lineage %+v, want %+v", a, b)
	}
	if err := a.same(b); err != nil {
		t.Fatal(err)
	}
}

// described returns a set with all its metadata.
func described() *Set {
	minmax, err := encode.MinMax([]float64{0}, []float64{9})
	if err != nil {
		panic(err)
	}
	set := numbered(4).WithParts("test", "train", "odd", "train").WithLabels("", "scan", "flood", "scan")
	set = set.WithOrigins(7, 5, 3, 1).WithStarts(time.Unix(1, 5).UTC(), time.Time{}, time.Unix(2, 0).UTC(),
		time.Unix(0, 0).UTC())
	set = set.WithNames("bytes").WithRecipe(NewRecipe("made", 2, map[string]int{"limit": 3})).WithEncoder(minmax)
	l := set.Lineage()
	l.Sources = []Source{{Name: "a.pcap"}, {"b.csv", strings.Repeat("0f", 32)}}
	return set.WithLineage(l)
}

func TestSaveOpen(t *testing.T) {
	long := make([]float32, batchValues+2) // more than a batch
	for i := range long {
		long[i] = float32(i)
	}
	for name, set := range map[string]*Set{
		"small":   New(2, []float32{1, 2, 3, 4}, []float32{}, []float32{5, math.MaxFloat32}),
		"empty":   New(3),
		"batches": New(2, []float32{1, 2}, long, []float32{3, 4}, long, long),
		"view":    numbered(9).Subset([]int{8, 0, 3}),
		"columns": described(),
	} {
		path := filepath.Join(t.TempDir(), "made", "set.arrow")
		if err := set.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, got, set)
		if err := got.Save(path); err != nil { // over itself, while it is open
			t.Errorf("%s: %v", name, err)
		}
		same(t, got, set)
		if err := got.Close(); err != nil || got.Close() != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	if err := new(Set).Save(filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a set without features was saved")
	}
}

func put(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// saved returns the bytes of a small sequence file.
func saved(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "set.arrow")
	set := New(2, []float32{1, 2, 3, 4}, []float32{5, 6}).
		WithParts("train", "test").WithLabels("", "scan").WithNames("a", "b")
	if err := set.WithStarts(time.Time{}, time.Unix(3, 0)).Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tryAll reads all values of a set, so that a value outside the file would be noticed.
func tryAll(s *Set) (sum float32) {
	for rows := range s.Sequences() {
		for _, v := range rows {
			sum += v
		}
	}
	for i := range s.Len() {
		if a := s.About(i); a.Part+a.Label == "-" {
			sum++
		}
	}
	return sum
}

func TestDamagedFile(t *testing.T) {
	data := saved(t)
	for n := range data {
		path := put(t, "cut.arrow", string(data[:n]))
		s, err := Open(path)
		if err == nil {
			t.Fatalf("cut to %d of %d bytes: opened as %v", n, len(data), s)
		}
		if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "seq: "+path+": ") {
			t.Fatalf("cut to %d bytes: %q", n, err)
		}
	}
	refused := 0
	for bit := range 8 * len(data) {
		changed := slices.Clone(data)
		changed[bit/8] ^= 1 << (bit % 8)
		s, err := read(changed)
		if err != nil {
			refused++
			continue
		}
		tryAll(s)
	}
	if refused == 0 {
		t.Error("no changed file was refused")
	}
}

func TestForeignFile(t *testing.T) {
	column := func(b array.Builder) []arrow.Array { return []arrow.Array{b.NewArray()} }
	list := array.NewListBuilder(memory.DefaultAllocator, arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Float32))
	list.AppendNull()
	numbers := array.NewFloat64Builder(memory.DefaultAllocator)
	numbers.Append(1)
	for name, c := range map[string]struct {
		typ  arrow.DataType
		cols []arrow.Array
		want string
	}{
		"a missing sequence": {list.Type(), column(list), "batch 0: 1 values are missing"},
		"a table": {arrow.PrimitiveTypes.Float64, column(numbers),
			`not a sequence file: its columns are ["x" float64], want one of list<fixed_size_list<float32>>`},
	} {
		path := filepath.Join(t.TempDir(), "x.arrow")
		schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: c.typ, Nullable: true}}, nil)
		err := arrowfile.Write(path, schema, func(put func(arrow.RecordBatch) error) error {
			return put(array.NewRecordBatch(schema, c.cols, 1))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || err.Error() != "seq: "+path+": "+c.want {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); err == nil || !strings.HasPrefix(err.Error(), "seq: open ") {
		t.Errorf("an absent file: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	data := saved(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := read(data)
		if err == nil {
			tryAll(s)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has two lines: %q", err)
		}
	})
}
