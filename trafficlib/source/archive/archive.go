// Package archive unpacks zip archives, such as the ones data sets are published in.
//
// It takes archives and a folder, and returns the paths of the files it unpacked there. Each file
// is complete or absent. It refuses an archive that holds a path outside of the folder, a symbolic
// link or an entry that is larger than its header says.
package archive

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// Unzip unpacks a zip archive into dir and returns the slash-separated names of its files, relative
// to dir. It checks all names and kinds before it writes anything. When ctx is done it returns the
// error of ctx and the names of the files written so far.
func Unzip(ctx context.Context, archive, dir string) (names []string, err error) {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("archive: %s: %w", archive, err)
	}
	defer r.Close()
	for _, f := range r.File {
		name := strings.TrimSuffix(f.Name, "/")
		switch mode := f.Mode(); {
		case !atomicfile.IsLocal(name):
			return nil, fmt.Errorf("archive: %s: %q is outside of the folder", archive, f.Name)
		case !mode.IsRegular() && !mode.IsDir():
			return nil, fmt.Errorf("archive: %s: %q is neither a file nor a folder", archive, f.Name)
		}
	}
	for _, f := range r.File {
		if f.Mode().IsDir() {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := atomicfile.Write(path, func(w io.Writer) error { return unpack(ctx, f, w) }); err != nil {
			return names, fmt.Errorf("archive: %s: %q: %w", archive, f.Name, err)
		}
		names = append(names, f.Name)
	}
	return names, nil
}

// UnzipAll unpacks each of the paths that ends in .zip into a folder of its own below dir, named
// after its index, so that files of the same name do not collide. It returns the paths of the
// unpacked files and, in their places, the paths that are not archives.
func UnzipAll(ctx context.Context, dir string, paths ...string) (files []string, err error) {
	for i, path := range paths {
		if !strings.EqualFold(filepath.Ext(path), ".zip") {
			files = append(files, path)
			continue
		}
		to := filepath.Join(dir, strconv.Itoa(i))
		names, err := Unzip(ctx, path, to)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			files = append(files, filepath.Join(to, filepath.FromSlash(name)))
		}
	}
	return files, nil
}

// unpack copies an entry to w. It trusts the size in the header no further than to stop there, so
// that a small archive cannot fill the disk.
func unpack(ctx context.Context, f *zip.File, w io.Writer) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	left := f.UncompressedSize64
	buffer := make([]byte, 1<<18)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.Read(buffer)
		if uint64(n) > left {
			return fmt.Errorf("larger than the %d bytes in its header", f.UncompressedSize64)
		}
		left -= uint64(n)
		if _, err := w.Write(buffer[:n]); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
