// Package arrowfile reads and writes Arrow IPC files, in which the library stores tables, sequences
// and scores.
//
// It takes the bytes of a file and returns its record batches, or writes batches to a file that is
// complete or absent. It wraps the reader of arrow-go, which trusts its input, in three guards:
// counts are checked against the size of the file before memory is allocated for them, the size of
// decompressed buffers is bounded, and a panic in the reader becomes an error. It does not check
// the content of arrays, such as offsets; the package that knows the columns does that.
package arrowfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/oneline"
)

// Contents is the content of an Arrow file.
type Contents struct {
	Schema  *arrow.Schema
	Batches []arrow.RecordBatch
	Meta    map[string]string // metadata of the schema
}

// Read returns the content of the Arrow IPC file in data. The buffers of uncompressed batches are
// slices of data and valid as long as data is. Errors are one line and do not name the file.
func Read(data []byte) (c *Contents, err error) {
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, fmt.Errorf("%w: %s", errDamaged, plain(fmt.Sprint(r)))
		}
	}()
	if len(data) == 0 {
		return nil, errors.New("the file is empty")
	}
	if err := verify(data); err != nil {
		return nil, err
	}
	alloc := &bounded{left: 256*int64(len(data)) + 1<<20}
	var r *ipc.FileReader
	var batches []arrow.RecordBatch
	dict := dictionaries(data)
	if dict {
		r, batches, err = readDictionaries(data, alloc)
	} else {
		r, err = ipc.NewMappedFileReader(data, ipc.WithAllocator(alloc))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", errDamaged, plain(err.Error()))
	}
	c = &Contents{Schema: r.Schema(), Batches: batches, Meta: map[string]string{}}
	for i, key := range c.Schema.Metadata().Keys() {
		c.Meta[key] = c.Schema.Metadata().Values()[i]
	}
	for i := range r.NumRecords() {
		if dict {
			break
		}
		b, err := r.RecordBatchAt(i)
		if err != nil {
			return nil, fmt.Errorf("%w: batch %d: %s", errDamaged, i, plain(err.Error()))
		}
		c.Batches = append(c.Batches, b)
	}
	return c, nil
}

// plain returns the first line of an error message of arrow-go, without its prefix.
func plain(s string) string { return strings.TrimPrefix(oneline.First(s), "arrow/ipc: ") }

// bounded is an allocator for decompressed buffers that panics if a file asks for more than it can
// plausibly hold: the ratio of LZ4 is at most 255, and that of Zstandard is larger only for
// constant data.
type bounded struct {
	memory.GoAllocator
	left int64
}

func (b *bounded) take(size int) {
	if size < 0 || int64(size) > b.left {
		panic("it unpacks to more than 256 times its size")
	}
	b.left -= int64(size)
}

func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.GoAllocator.Allocate(size)
}

func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size)
	return b.GoAllocator.Reallocate(size, old)
}

// Write writes the batches that fill puts to an Arrow IPC file at path, which is complete or
// absent. A batch may be reused when put returns.
func Write(path string, schema *arrow.Schema, fill func(put func(arrow.RecordBatch) error) error) error {
	return atomicfile.Write(path, func(w io.Writer) error { return write(w, schema, fill) })
}

// WriteLate is like Write for a file whose metadata contain a value that is known only after the
// batches, such as a hash. Arrow writes the schema at the beginning of a file and again at its end.
// The schema contains stand, a placeholder that must not occur elsewhere in it. WriteLate calls
// value after fill, and replaces the placeholder by its result, which must have the same length.
func WriteLate(path string, schema *arrow.Schema, stand string, fill func(put func(arrow.RecordBatch) error) error,
	value func() (string, error)) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		l := &late{w: w, stand: []byte(stand), looking: true}
		err := write(l, schema, func(put func(arrow.RecordBatch) error) error {
			return fill(func(b arrow.RecordBatch) error {
				l.looking = len(l.at) == 0 // Arrow writes the schema with the first batch
				defer func() { l.looking = true }()
				return put(b)
			})
		})
		if err != nil {
			return err
		}
		v, err := value()
		if err != nil {
			return err
		}
		if len(v) != len(stand) || len(l.at) != 2 {
			return fmt.Errorf("a value of %d bytes for a placeholder of %d bytes that occurs %d times",
				len(v), len(stand), len(l.at))
		}
		for _, at := range l.at {
			if _, err := w.(io.WriterAt).WriteAt([]byte(v), at); err != nil {
				return err
			}
		}
		return nil
	})
}

func write(w io.Writer, schema *arrow.Schema, fill func(put func(arrow.RecordBatch) error) error) error {
	f, err := ipc.NewFileWriter(w, ipc.WithSchema(schema))
	if err != nil {
		return err
	}
	if err := fill(f.Write); err != nil {
		return err
	}
	return f.Close()
}

// late records where a placeholder is written, while looking is set. Arrow writes a message with
// one call.
type late struct {
	w       io.Writer
	stand   []byte
	looking bool
	size    int64
	at      []int64
}

func (l *late) Write(p []byte) (int, error) {
	if l.looking {
		if k := bytes.Index(p, l.stand); k >= 0 {
			l.at = append(l.at, l.size+int64(k))
		}
	}
	n, err := l.w.Write(p)
	l.size += int64(n)
	return n, err
}

// Metadata returns the metadata of a file: the kind of its data, the version of the library that
// wrote it, and the given pairs of keys and values.
func Metadata(kind string, pairs ...string) arrow.Metadata {
	keys, values := []string{"trafficlab.kind", "trafficlab.version"}, []string{kind, version()}
	for i := 0; i < len(pairs); i += 2 {
		keys, values = append(keys, pairs[i]), append(values, pairs[i+1])
	}
	return arrow.NewMetadata(keys, values)
}

// version returns the version of this module in the running program, which may be a cell, a test or
// a command.
func version() string {
	const path = "github.com/trafficlab/trafficlab"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == path && m.Version != "" {
			return m.Version
		}
	}
	return "(devel)"
}
