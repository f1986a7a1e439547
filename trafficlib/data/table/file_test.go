package table

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
)

func TestSaveOpen(t *testing.T) {
	long := make([]int64, batchRows+1)
	long[batchRows] = 7
	for name, s := range map[string]*Table{
		"all types": sample(), "no rows": sample().Head(0), "part": sample().slice(1, 3),
		"two batches": New(Col("n", long), Col("s", slices.Repeat([]string{"é"}, len(long)))),
	} {
		path := filepath.Join(t.TempDir(), "t.arrow")
		if err := s.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.NumRows() != s.NumRows() || typesOf(got) != typesOf(s) {
			t.Errorf("%s: %d rows of %s", name, got.NumRows(), typesOf(got))
			continue
		}
		for _, c := range s.Names() {
			if !slices.Equal(got.Strings(c), s.Strings(c)) {
				t.Errorf("%s: column %s differs", name, c)
			}
		}
	}
	if err := new(Table).Save(filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a table without columns was saved")
	}
}

// write saves a column as another program would.
func write(t *testing.T, typ arrow.DataType, fill func(b array.Builder)) string {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	fill(b)
	a := b.NewArray()
	path := filepath.Join(t.TempDir(), "x.arrow")
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ, Nullable: true}}, nil)
	err := arrowfile.Write(path, schema, func(put func(arrow.RecordBatch) error) error {
		return put(array.NewRecordBatch(schema, []arrow.Array{a}, int64(a.Len())))
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestForeignColumns(t *testing.T) {
	two := func(value string) func(array.Builder) {
		return func(b array.Builder) {
			if err := b.AppendValueFromString(value); err != nil {
				t.Fatal(err)
			}
			b.AppendNull()
		}
	}
	one := func(value string) func(array.Builder) {
		return func(b array.Builder) {
			if err := b.AppendValueFromString(value); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := arrow.PrimitiveTypes
	for _, c := range []struct {
		typ  arrow.DataType
		fill func(array.Builder)
		want string
	}{
		{p.Int8, one("-7"), "int64 [-7]"}, {p.Int16, one("-7"), "int64 [-7]"}, {p.Int32, one("-7"), "int64 [-7]"},
		{p.Uint8, one("7"), "int64 [7]"}, {p.Uint16, one("7"), "int64 [7]"},
		{p.Uint32, one("4294967295"), "int64 [4294967295]"},
		{p.Uint64, one("9223372036854775807"), "int64 [9223372036854775807]"},
		{p.Uint64, one("9223372036854775808"), `column "x": batch 0: row 0: 9223372036854775808 is too large for an int64`},
		{p.Int32, two("5"), "float64 [5 NaN]"},
		{p.Float32, two("0.5"), "float32 [0.5 NaN]"}, {p.Float64, two("0.5"), "float64 [0.5 NaN]"},
		{arrow.BinaryTypes.String, two("text"), "string [text ]"},
		{arrow.FixedWidthTypes.Boolean, two("true"), `column "x": batch 0: 1 missing booleans`},
		{arrow.FixedWidthTypes.Timestamp_ns, one("2026-01-02T03:04:05.000006Z"), "time [2026-01-02T03:04:05.000006Z]"},
		{arrow.FixedWidthTypes.Timestamp_s, one("2026-01-02T03:04:05Z"), "time [2026-01-02T03:04:05Z]"},
		{arrow.FixedWidthTypes.Timestamp_ms, one("2026-01-02T03:04:05Z"), "time [2026-01-02T03:04:05Z]"},
		{p.Date32, one("2026-01-02"), `column "x": its type date32 is not one of numbers, booleans, text and timestamps`},
	} {
		path := write(t, c.typ, c.fill)
		got, err := Open(path)
		text := ""
		if err != nil {
			text = strings.TrimPrefix(err.Error(), "table: "+path+": ")
		} else {
			text = fmt.Sprint(got.Column("x").Type(), " ", got.Strings("x"))
		}
		if text != c.want {
			t.Errorf("%v: got %s, want %s", c.typ, text, c.want)
		}
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.arrow")
	if err := sample().Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := read(data[:n]); err == nil || strings.Contains(err.Error(), "\n") {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
	for bit := range 8 * len(data) {
		changed := slices.Clone(data)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := read(changed); err == nil {
			_ = got.String()
		}
	}
	if err := os.WriteFile(path, data[:len(data)-20], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || err.Error() != "table: "+path+": not an Arrow file, or a truncated one" {
		t.Errorf("got %v", err)
	}
}

// Times outside the range of a count of microseconds do not occur in captures, but they must not
// stop a program.
func TestFarTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.arrow")
	if err := New(Col("t", []time.Time{{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)})).Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Open(path)
	if err != nil || !Values[time.Time](got, "t")[0].IsZero() || Values[time.Time](got, "t")[1].Year() != 9999 {
		t.Errorf("got\n%v%v", got, err)
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "t.arrow")
	if err := sample().Save(path); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := read(data); err == nil {
			_ = got.String()
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has two lines: %q", err)
		}
	})
}
