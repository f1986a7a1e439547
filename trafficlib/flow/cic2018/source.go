package cic2018

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

// A Source is a file that a table was made of.
type Source struct {
	Name string `json:"name"` // without folders
	Size int64  `json:"size"` // in bytes
	Time int64  `json:"time"` // of its last change, in nanoseconds since 1970
	Hash string `json:"xxh3"` // XXH3 of its contents, 128 bits, as xxhsum -H2 prints it
}

// files gives the paths of what is to be loaded: of a folder its .csv files by name.
func files(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		n := len(all)
		for _, e := range entries {
			if strings.EqualFold(filepath.Ext(e.Name()), ".csv") && !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				all = append(all, filepath.Join(path, e.Name()))
			}
		}
		if len(all) == n {
			return nil, fmt.Errorf("%s: no .csv files in the folder", path)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no files")
	}
	return all, nil
}

// stat1 gives what is known of a file without reading it.
func stat1(path string) (s Source, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	if !info.Mode().IsRegular() {
		return s, fmt.Errorf("%s: not a regular file", path)
	}
	return Source{Name: filepath.Base(path), Size: info.Size(), Time: info.ModTime().UnixNano()}, nil
}

// sum is the hash of some content.
func sum(h *xxh3.Hasher) string {
	b := h.Sum128().Bytes()
	return hex.EncodeToString(b[:])
}

// changed says in what the files differ from those that a table was made of; "" for in nothing. It reads a file only
// where its time is another and its size is not.
func changed(paths []string, made []Source, odd []OddFile) (string, error) {
	left := map[string]bool{}
	for _, f := range odd {
		for _, path := range paths {
			if filepath.Base(path) != f.Name {
				continue
			}
			s, err := stat1(path)
			if err != nil {
				return "", err
			}
			if s.Size != f.Size || s.Time != f.Time {
				return fmt.Sprintf("%s, which was left out, has changed", path), nil
			}
			left[path] = true
		}
	}
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return left[path] })
	var now []string
	for _, path := range paths {
		now = append(now, filepath.Base(path))
	}
	var then []string
	for _, s := range made {
		then = append(then, s.Name)
	}
	if !slices.Equal(now, then) {
		return fmt.Sprintf("it was made of %s", some(then)), nil
	}
	for i, path := range paths {
		s, err := stat1(path)
		if err != nil {
			return "", err
		}
		if s.Size != made[i].Size {
			return fmt.Sprintf("%s has %d bytes, had %d", path, s.Size, made[i].Size), nil
		}
		if s.Time == made[i].Time {
			continue
		}
		h, err := hashFile(path)
		if err != nil {
			return "", err
		}
		if h != made[i].Hash {
			return fmt.Sprintf("%s has changed", path), nil
		}
	}
	return "", nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := xxh3.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, f, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return sum(h), nil
}
