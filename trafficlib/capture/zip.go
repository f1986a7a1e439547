package capture

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// zipEntries returns the names of the captures in a zip archive. For any other file it returns one
// empty name.
func zipEntries(name string) ([]string, error) {
	if !isZip(name) {
		return []string{""}, nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, fmt.Errorf("capture: %s: %w", name, err)
	}
	defer z.Close()
	var entries []string
	for _, f := range z.File {
		base := path.Base(f.Name)
		if f.Mode().IsRegular() && !strings.HasPrefix(base, ".") && (IsName(base) || sniffEntry(f)) {
			entries = append(entries, f.Name)
		}
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("capture: %s: a zip archive without captures", name)
	}
	return entries, nil
}

func isZip(name string) bool {
	if name == "-" {
		return false
	}
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, len(zipMagic))
	n, _ := io.ReadFull(f, begin)
	return bytes.Equal(begin[:n], zipMagic)
}

// sniffEntry reports whether an entry begins as a capture does.
func sniffEntry(f *zip.File) bool {
	r, err := f.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	begin := make([]byte, 4)
	_, err = io.ReadFull(r, begin)
	return err == nil && isCapture(begin)
}

// openEntry opens an entry of a zip archive as a stream.
func (m *member) openEntry() error {
	z, err := zip.OpenReader(m.path)
	if err != nil {
		return fmt.Errorf("capture: %s: %w", m.path, err)
	}
	m.closers = append(m.closers, z.Close)
	f, err := z.Open(m.entry)
	if err != nil {
		return fmt.Errorf("capture: %s: %w", m.name(), err)
	}
	m.closers = append(m.closers, f.Close)
	return m.openStream(f)
}
