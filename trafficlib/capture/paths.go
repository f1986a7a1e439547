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

// extensions are those of captures, as a file in a folder must have one of them, before the ending of a compression.
var extensions = []string{".pcap", ".pcapng", ".cap", ".ntar", ".dmp", ".tcpdump"}

// IsName says whether a file name is that of a capture: .pcap, .pcapng, .cap, .ntar, .dmp or .tcpdump, or .pcap0 and so on
// as programs that rotate files number them, with .gz, .zst, .xz or .bz2 behind.
func IsName(name string) bool {
	name = strings.ToLower(name)
	for _, ending := range []string{".gz", ".zst", ".xz", ".bz2"} {
		name = strings.TrimSuffix(name, ending)
	}
	return slices.Contains(extensions, filepath.Ext(strings.TrimRight(name, "0123456789")))
}

// Find gives the capture files that paths stand for: files as they are, of folders all captures below them (IsName, or
// what the first bytes say; hidden ones are passed over), and of patterns as in filepath.Glob what fits. "-" stands for the
// standard input. Something that gives none is an error.
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
		return nil, fmt.Errorf("%s: no file fits the pattern", path)
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

// sniffFile says whether a file begins as a capture does; one that is compressed needs a name.
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

// isCapture reports whether these bytes begin a capture.
func isCapture(begin []byte) bool { return isPcap(begin) || bytes.HasPrefix(begin, pcapngMagic) }
