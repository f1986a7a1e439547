// Package mapped maps files into memory, read-only. A file of any size takes only the memory of the
// pages that are accessed, which the operating system can reclaim.
package mapped

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// A File is a read-only map of a whole file.
type File struct {
	data []byte
	path string
}

// Open maps the regular file at path. An empty file yields an empty map. Errors name the path, as
// in package os.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the map stays valid without the descriptor
	return FromFile(f)
}

// FromFile maps a file that is open for reading, which may have been unlinked. The map stays valid
// when f is closed.
func FromFile(f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size, path := info.Size(), f.Name()
	switch {
	case !info.Mode().IsRegular():
		return nil, &os.PathError{Op: "map", Path: path, Err: errors.New("not a regular file")}
	case size == 0:
		return &File{path: path}, nil
	case size != int64(int(size)):
		return nil, &os.PathError{Op: "map", Path: path, Err: unix.EFBIG}
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "map", Path: path, Err: err}
	}
	return &File{data: data, path: path}, nil
}

// Bytes returns the content. It must not be written to, nor accessed after Close.
func (f *File) Bytes() []byte { return f.data }

// Path returns the path that was opened.
func (f *File) Path() string { return f.path }

// Close unmaps the file. A second call does nothing.
func (f *File) Close() error {
	if f == nil || f.data == nil {
		return nil
	}
	data := f.data
	f.data = nil
	return unix.Munmap(data)
}

// Read calls read and returns its error. If read faults, Read returns an error: a file that another
// program truncates stays mapped, but its last pages can no longer be accessed. Files of this
// library are replaced by renaming, which does not affect open maps; other files should be read
// through Read.
//
// read must access the map in its own goroutine. Outside of read, the result of Bytes is not
// protected.
func (f *File) Read(read func(data []byte) error) error {
	err := Protect(func() error { return read(f.data) })
	if err == errGone {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	return err
}

var errGone = errors.New("the file became shorter, or its disk failed, while it was read")

// Protect calls read, and returns an error if it faults on any map, as File.Read does.
func Protect(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // the runtime's panic for a fault
			err = errGone
		default:
			panic(r)
		}
	}()
	return read()
}

// Forget releases the whole pages between two offsets: they no longer count as memory of this
// process, and are read again on the next access. It returns the end of the released pages.
func (f *File) Forget(from, to int) int {
	page := os.Getpagesize()
	from, to = (from+page-1)/page*page, to/page*page
	if from < to {
		unix.Madvise(f.data[from:to], unix.MADV_DONTNEED) // an error is harmless: the pages stay
	}
	return to
}
