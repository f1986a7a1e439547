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
)

// Write makes the file at path out of what fill writes. The folder of path is made when it is missing. When fill
// fails, or anything after it, path is as it was before.
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
	w := bufio.NewWriterSize(f, 1<<18)
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

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
