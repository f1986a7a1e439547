// Package atomicfile writes files and folders that are either complete or absent.
//
// Every file that the library leaves goes through this package. It writes the data under a
// temporary name in the same folder, syncs it and renames it. So a cell that is stopped, or a
// machine that loses power, never leaves half a file under its final name.
package atomicfile

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Write writes what fill writes to the file at path. It creates the folder of path if it is
// missing. If fill or anything after it fails, path is unchanged. The writer also implements
// io.WriterAt, to change what was written before.
func Write(path string, fill func(w io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close() // closing twice is harmless, and the first error counts
			os.Remove(f.Name())
		}
	}()
	w := newWriter(f)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o666 &^ umask); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// A writer buffers small writes, and keeps the disk busy during large ones.
type writer struct {
	*bufio.Writer
	file *os.File
}

func newWriter(f *os.File) writer {
	return writer{bufio.NewWriterSize(&backed{file: f}, 1<<18), f}
}

func (w writer) WriteAt(p []byte, at int64) (int, error) {
	if err := w.Flush(); err != nil {
		return 0, err
	}
	return w.file.WriteAt(p, at)
}

// backed is a file that is flushed to the disk while it is written.
type backed struct {
	file        *os.File
	size, begun int64 // bytes written, and how many of them the system has begun to flush
}

func (b *backed) Write(p []byte) (int, error) {
	const some = 8 << 20
	n, err := b.file.Write(p)
	if b.size += int64(n); b.size-b.begun >= some {
		writeBack(b.file, b.begun, b.size-b.begun)
		b.begun = b.size
	}
	return n, err
}

// WriteDir calls fill with an empty folder, and then makes that the folder at path. It replaces an
// existing folder. If fill fails, path is unchanged.
func WriteDir(path string, fill func(dir string) error) (err error) {
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // does nothing after the rename
	if err := os.Chmod(tmp, 0o777&^umask); err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil {
		// A folder cannot be replaced in one step: the old one is moved away first, and removed
		// last.
		old := tmp + ".old"
		if err := os.Rename(path, old); err != nil {
			return err
		}
		defer os.RemoveAll(old)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return syncDir(parent)
}

// IsLocal reports whether a slash-separated name stays below the folder that it is joined to, on
// any system. Names that come from elsewhere, such as those in an archive, must pass it.
func IsLocal(name string) bool {
	return filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\\\x00") &&
		!slices.Contains(strings.Split(name, "/"), "..")
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
