package flowtable

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"
)

// A Source is a file that a table was made of.
type Source struct {
	Name string `json:"name"` // without folders
	Size int64  `json:"size"` // in bytes
	Time int64  `json:"time"` // of its last change, in nanoseconds since 1970
	Hash string `json:"xxh3"` // XXH3 of its contents, 128 bits, as xxhsum -H2 prints it; "" if it was not computed
}

// Stat describes a file without reading it: the Hash is "".
func Stat(path string) (s Source, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	if !info.Mode().IsRegular() {
		return s, fmt.Errorf("%s: not a regular file", path)
	}
	return Source{Name: filepath.Base(path), Size: info.Size(), Time: info.ModTime().UnixNano()}, nil
}

// Changed returns how the file at path differs from the source, or "". It reads the file
// only if its time differs and its size does not.
func (s Source) Changed(path string) (string, error) {
	now, err := Stat(path)
	switch {
	case err != nil:
		return "", err
	case now.Size != s.Size:
		return fmt.Sprintf("%s has %d bytes, had %d", path, now.Size, s.Size), nil
	case now.Time == s.Time:
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := xxh3.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, f, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	if HashOf(h) != s.Hash {
		return path + " has changed", nil
	}
	return "", nil
}

// HashOf returns a sum as Source.Hash has it.
func HashOf(h *xxh3.Hasher) string {
	b := h.Sum128().Bytes()
	return hex.EncodeToString(b[:])
}
