package capture

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of captures, before the extension of a compression.
var extensions = []string{".pcap", ".pcapng", ".cap", ".ntar", ".dmp", ".tcpdump"}

// IsName reports whether a file name has the extension of a capture: .pcap, .pcapng, .cap, .ntar,
// .dmp or .tcpdump. A number may follow, as in .pcap0, which programs that rotate files append, and
// then .gz, .zst, .xz or .bz2.
func IsName(name string) bool {
	name = strings.ToLower(name)
	for _, ending := range []string{".gz", ".zst", ".xz", ".bz2"} {
		name = strings.TrimSuffix(name, ending)
	}
	return slices.Contains(extensions, filepath.Ext(strings.TrimRight(name, "0123456789")))
}

// Find returns the capture files that paths stand for. A file stands for itself. A folder stands
// for all captures below it, recognized by IsName or by their first bytes; hidden files and folders
// are skipped. A pattern, as in filepath.Glob, stands for the files that match. "-" is standard
// input. A path that stands for nothing is an error.
func Find(paths ...string) ([]string, error) {
	var found []string
	for _, path := range paths {
		some, err := find(path)
		if err != nil {
			return nil, fmt.Errorf("capture: %w", err)
		}
		for _, s := range some {
			if !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	return found, nil
}

func find(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return findBelow(path)
	case err == nil:
		return []string{path}, nil
	case !strings.ContainsAny(path, "*?["):
		return nil, err
	}
	matched, err := filepath.Glob(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found []string
	for _, m := range matched {
		if info, err := os.Stat(m); err != nil || info.IsDir() {
			continue
		}
		found = append(found, m)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: no file matches the pattern", path)
	}
	return found, nil
}

func findBelow(dir string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.Type().IsRegular() && (IsName(d.Name()) || sniffFile(path)):
			found = append(found, path)
		}
		return nil
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s: no captures in this folder", dir)
	}
	return found, err
}

// sniffFile reports whether a file begins as a capture does. Of compressed files it recognizes only
// zip archives; others need the name of a capture.
func sniffFile(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, 4)
	if _, err := io.ReadFull(f, begin); err != nil {
		return false
	}
	if bytes.Equal(begin, zipMagic) {
		_, err := zipEntries(path)
		return err == nil
	}
	return isCapture(begin)
}

// isCapture reports whether a file with these first bytes is a capture.
func isCapture(begin []byte) bool { return isPcap(begin) || bytes.HasPrefix(begin, pcapngMagic) }
