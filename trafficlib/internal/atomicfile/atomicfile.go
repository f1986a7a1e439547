// Package atomicfile writes files and folders that are either whole or absent.
//
// Everything that one notebook cell leaves for the next goes through here: the data is written under a temporary
// name in the same folder, synced, and renamed, so that a cell that is stopped, or a machine that loses power, never
// leaves half a file under the name that the next cell opens.
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

// Write makes the file at path out of what fill writes. The folder of path is made when it is missing. When fill
// fails, or anything after it, path is as it was before. The writer is an io.WriterAt too, for what was written before.
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
			f.Close() // closing twice is harmless, and the first error is the one to tell
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

// A writer gathers small writes, and keeps the disk busy during large ones.
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

// backed is a file that goes to the disk while it is written.
type backed struct {
	file        *os.File
	size, begun int64 // bytes written, and those of them that are on their way to the disk
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

// WriteDir makes the folder at path out of what fill puts into the empty folder that it is handed. A folder that is
// already at path is replaced. When fill fails path is as it was before.
func WriteDir(path string, fill func(dir string) error) (err error) {
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // after the rename there is nothing left under this name
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
		// A folder can not be replaced in one step: the old one is moved aside first, and removed last.
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

// IsLocal reports whether a slash-separated name stays below the folder that it is joined to, on any
// system. Names that come from elsewhere, such as those in an archive, must pass it.
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
