// Package mapped reads files by mapping them into memory, so that a file of any size costs no more memory than the
// pages that are looked at, and the operating system can take those back.
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

// Open maps the regular file at path. An empty file gives an empty map. Errors are those of package os, which name the
// path.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the map stays valid without the descriptor
	return Of(f)
}

// Of maps a file that is open for reading, which may have no name any more. The map stays valid when f is closed.
func Of(f *os.File) (*File, error) {
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

// Bytes gives the contents. They must not be written to, and not be touched after Close.
func (f *File) Bytes() []byte { return f.data }

// Path gives the path that the file was opened by.
func (f *File) Path() string { return f.path }

// Close gives the map back. A second call does nothing.
func (f *File) Close() error {
	if f == nil || f.data == nil {
		return nil
	}
	data := f.data
	f.data = nil
	return unix.Munmap(data)
}

// Read calls read, and turns the fault of reading a page that is no longer there into an error: a file that another
// program cuts short while it is mapped keeps its map, but no longer has all of its pages. Files of our own are
// replaced by a rename, which leaves an open map whole; foreign files are read through here.
//
// read must touch the map in the goroutine that calls it. What Bytes gave is not protected outside of read.
func (f *File) Read(read func(data []byte) error) error {
	err := Protect(func() error { return read(f.data) })
	if err == errGone {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	return err
}

var errGone = errors.New("the file became shorter, or its disk failed, while it was read")

// Protect calls read, and turns such a fault of any map into an error, as File.Read does for one.
func Protect(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // what the runtime adds to the panic of a fault
			err = errGone
		default:
			panic(r)
		}
	}()
	return read()
}

// Forget gives the pages between two places of the map back to the system, as far as they are whole: they no longer count
// as this process's memory, and are read again when they are looked at. It gives where what was given back ends.
func (f *File) Forget(from, to int) int {
	page := os.Getpagesize()
	from, to = (from+page-1)/page*page, to/page*page
	if from < to {
		unix.Madvise(f.data[from:to], unix.MADV_DONTNEED) // an error is no matter: the pages stay
	}
	return to
}
