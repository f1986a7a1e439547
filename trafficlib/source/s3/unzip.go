package s3

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

// Unpack puts the files of a zip archive into a folder and gives their names below it. Each is there whole or not at all.
// A name that would lie outside of the folder, a link, and an entry that is larger than it says are errors; nothing of
// the archive is unpacked when a name or a kind is wrong.
func Unpack(ctx context.Context, archive, dir string) (names []string, err error) {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("s3: %s: %w", archive, err)
	}
	defer r.Close()
	for _, f := range r.File {
		name := strings.TrimSuffix(f.Name, "/")
		switch mode := f.Mode(); {
		case !local(name):
			return nil, fmt.Errorf("s3: %s: %q would lie outside of the folder", archive, f.Name)
		case !mode.IsRegular() && !mode.IsDir():
			return nil, fmt.Errorf("s3: %s: %q is no plain file", archive, f.Name)
		}
	}
	for _, f := range r.File {
		if f.Mode().IsDir() {
			continue
		}
		err := atomicfile.Write(filepath.Join(dir, filepath.FromSlash(f.Name)), func(w io.Writer) error { return unpack(ctx, f, w) })
		if err != nil {
			return names, fmt.Errorf("s3: %s: %q: %w", archive, f.Name, err)
		}
		names = append(names, f.Name)
	}
	return names, nil
}

// UnpackAll unpacks several archives, each into a folder of its own in dir, and gives the paths of their files. What is no
// .zip is given as it is.
func UnpackAll(ctx context.Context, dir string, archives ...string) (paths []string, err error) {
	for i, archive := range archives {
		if !strings.EqualFold(filepath.Ext(archive), ".zip") {
			paths = append(paths, archive)
			continue
		}
		at := filepath.Join(dir, strconv.Itoa(i))
		names, err := Unpack(ctx, archive, at)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			paths = append(paths, filepath.Join(at, filepath.FromSlash(name)))
		}
	}
	return paths, nil
}

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
			return fmt.Errorf("more than the %d bytes that it says", f.UncompressedSize64)
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
