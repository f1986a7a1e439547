// Package arrowfile reads and writes the Arrow IPC files that hold tables, sequences and scores between cells.
//
// It is arrow-go's reader behind three guards, since that reader trusts what it reads: counts are checked against the
// size of the file before anything is allocated for them, a compressed buffer may not grow without bound, and a panic
// inside the reader becomes an error. What the buffers of an array hold (offsets above all) is not checked here: the
// package that knows the column does that. Files are written under a temporary name and renamed when they are whole.
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

// Contents is what an Arrow file holds.
type Contents struct {
	Schema  *arrow.Schema
	Batches []arrow.RecordBatch
	Meta    map[string]string // what the schema says about the file as a whole
}

// Read gives the contents of the Arrow IPC file in data. The buffers of uncompressed batches are parts of data: they
// are valid as long as data is. Errors are one line and do not name the file.
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

// plain returns the first line of a message of Arrow's, without its prefix.
func plain(s string) string { return strings.TrimPrefix(oneline.First(s), "arrow/ipc: ") }

// bounded is an allocator for decompressed buffers that gives up where a file asks for more than it can hold: LZ4
// grows by 255 at most, and Zstandard by more only on data that is the same all over.
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

// Write makes the Arrow IPC file at path from the batches that fill puts, whole or not at all. A batch may be reused
// when put returns.
func Write(path string, schema *arrow.Schema, fill func(put func(arrow.RecordBatch) error) error) error {
	return atomicfile.Write(path, func(w io.Writer) error { return write(w, schema, fill) })
}

// WriteLate is Write for a file whose metadata hold a value that is known only after the batches, as a hash of what
// they were made of. Arrow writes what a file says about itself at its beginning and once more at its end: in the
// schema stands something that is found nowhere else in it, and value, called after fill, gives what takes its place,
// of the same length.
func WriteLate(path string, schema *arrow.Schema, stand string, fill func(put func(arrow.RecordBatch) error) error, value func() (string, error)) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		l := &late{w: w, stand: []byte(stand), looking: true}
		err := write(l, schema, func(put func(arrow.RecordBatch) error) error {
			return fill(func(b arrow.RecordBatch) error {
				l.looking = len(l.at) == 0 // the beginning is written with the first batch
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
			return fmt.Errorf("a late value of %d bytes for %d bytes in %d places", len(v), len(stand), len(l.at))
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

// late remembers where a text is written, while it is looking: Arrow writes a message by one call.
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

// Metadata gives what a file says about itself: what kind of data it holds, the version of the library that wrote it,
// and the given pairs of key and value.
func Metadata(kind string, pairs ...string) arrow.Metadata {
	keys, values := []string{"trafficlab.kind", "trafficlab.version"}, []string{kind, version()}
	for i := 0; i < len(pairs); i += 2 {
		keys, values = append(keys, pairs[i]), append(values, pairs[i+1])
	}
	return arrow.NewMetadata(keys, values)
}

// version gives the version of this module in the program that is running: a cell, a test or a command.
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
