package arrowfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP)
}

func sample() (*arrow.Schema, arrow.RecordBatch) {
	md := Metadata("test", "a key", "its value")
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64},
		{Name: "s", Type: arrow.StructOf(arrow.Field{Name: "t", Type: arrow.BinaryTypes.String, Nullable: true})},
	}, &md)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range 1000 {
		b.Field(0).(*array.Int64Builder).Append(int64(i / 100))
		s := b.Field(1).(*array.StructBuilder)
		s.Append(true)
		s.FieldBuilder(0).(*array.StringBuilder).Append("text")
	}
	return schema, b.NewRecordBatch()
}

func written(t testing.TB, options ...ipc.Option) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.arrow")
	schema, batch := sample()
	var err error
	if len(options) == 0 {
		err = Write(path, schema, func(put func(arrow.RecordBatch) error) error {
			return errors.Join(put(batch),
				put(batch))
		})
	} else {
		err = atomicfile.Write(path, func(w io.Writer) error {
			f, err := ipc.NewFileWriter(w, append(options, ipc.WithSchema(schema))...)
			return errors.Join(err, f.Write(batch), f.Write(batch), f.Close())
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRead(t *testing.T) {
	schema, batch := sample()
	for name, data := range map[string][]byte{
		"plain": written(t), "LZ4": written(t, ipc.WithLZ4()), "Zstandard": written(t, ipc.WithZstd()),
	} {
		c, err := Read(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.Schema.Equal(schema) || len(c.Batches) != 2 || !array.RecordEqual(c.Batches[1], batch) {
			t.Errorf("%s: read back differs", name)
		}
		if c.Meta["trafficlab.kind"] != "test" || c.Meta["a key"] != "its value" || c.Meta["trafficlab.version"] == "" {
			t.Errorf("%s: it says of itself %v", name, c.Meta)
		}
	}
}

func TestWriteKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.arrow")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	schema, _ := sample()
	mine := errors.New("mine")
	if err := Write(path, schema, func(func(arrow.RecordBatch) error) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("got %v, want the error of fill", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("the file now holds %q", got)
	}
}

// TestWriteLate checks that a late value is in the file as if it had been known from the start.
func TestWriteLate(t *testing.T) {
	_, batch := sample()
	file := func(value string, late bool, batches int) ([]byte, error) {
		path := filepath.Join(t.TempDir(), "x.arrow")
		md := Metadata("test", "sum", value)
		schema := arrow.NewSchema(batch.Schema().Fields(), &md)
		fill := func(put func(arrow.RecordBatch) error) error {
			for range batches {
				if err := put(array.NewRecordBatch(schema, batch.Columns(), batch.NumRows())); err != nil {
					return err
				}
			}
			return nil
		}
		var err error
		if late {
			err = WriteLate(path, schema, value, fill, func() (string, error) { return "a hash of them", nil })
		} else {
			err = Write(path, schema, fill)
		}
		if err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}
	for batches := range 3 {
		got, err := file("..............", true, batches)
		want, werr := file("a hash of them", false, batches)
		if err != nil || werr != nil || !bytes.Equal(got, want) {
			t.Errorf("%d batches: %v, %v, or another file", batches, err, werr)
		}
	}
	if _, err := file("too short", true, 1); err == nil {
		t.Error("a value of another length: no error")
	}
}

func TestDamage(t *testing.T) {
	data := written(t)
	for n := range data {
		if _, err := Read(data[:n]); err == nil || strings.Contains(err.Error(), "\n") {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
	// Flip every bit outside of the values: the reader must return each time, without more memory
	// than the file can hold.
	for at := range data {
		if at > 1024 && at < len(data)-2048 {
			continue
		}
		for bit := range 8 {
			changed := slices.Clone(data)
			changed[at] ^= 1 << bit
			if _, err := Read(changed); err != nil && strings.Contains(err.Error(), "\n") {
				t.Fatalf("bit %d of byte %d: two lines: %v", bit, at, err)
			}
		}
	}
}

// TestBomb reads a few bytes that claim to decompress to a terabyte.
func TestBomb(t *testing.T) {
	data := written(t, ipc.WithZstd())
	length := []byte{0x40, 0x1f, 0, 0, 0, 0, 0, 0} // of the first column: 8000 bytes
	at := strings.Index(string(data), string(length)+"\x28\xb5\x2f\xfd")
	if at < 0 {
		t.Fatal("the compressed column is not where the format puts it")
	}
	data[at+5] = 1
	if _, err := Read(data); err == nil || !strings.Contains(err.Error(), "unpacks to more than 256 times its size") {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f))
	f.Add(written(f, ipc.WithLZ4()))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Read(data); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has two lines: %q", err)
		}
	})
}
