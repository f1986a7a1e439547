package tlsfeat

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// Join joins the numbered parts in dir, NAME_1.csv, NAME_2.csv … NAME_10.csv, in the order of their
// numbers, and returns the path of the file that it wrote: dst, or, if dst is "", the name of the
// folder with ".csv" appended. A part whose last line has no newline gets one, so that two sessions
// never become one line. Other files in the folder are ignored. It is an error if there are no
// parts, a number is missing or there twice, or the parts have several names. The file is there
// whole or not at all. If dir is a file there is nothing to join, and Join returns its path.
func Join(dir, dst string) (path string, err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return dir, nil
	}
	parts, err := findParts(dir)
	if err != nil {
		return "", fmt.Errorf("tlsfeat: %w", err)
	}
	if dst == "" {
		full, err := filepath.Abs(dir) // so that "." has a name
		if err != nil {
			return "", fmt.Errorf("tlsfeat: %w", err)
		}
		dst = filepath.Clean(dir) + ".csv"
		if base := filepath.Base(dst); base == "..csv" || base == "...csv" {
			dst = full + ".csv"
		}
	}
	err = atomicfile.Write(dst, func(w io.Writer) error {
		for _, p := range parts {
			if err := appendPart(w, p.path); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("tlsfeat: %w", err)
	}
	return dst, nil
}

type numberedPart struct {
	path   string
	number uint64
}

// findParts returns the parts in dir, by number.
func findParts(dir string) ([]numberedPart, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []numberedPart
	name := ""
	for _, e := range entries {
		stem, isCSV := strings.CutSuffix(e.Name(), ".csv")
		k := strings.LastIndexByte(stem, '_')
		if !isCSV || k < 0 || e.IsDir() {
			continue
		}
		number, err := strconv.ParseUint(stem[k+1:], 10, 32)
		if err != nil {
			continue
		}
		if name != "" && stem[:k] != name {
			return nil, fmt.Errorf("%s: parts of two files, %s_… and %s_…", dir, name, stem[:k])
		}
		name = stem[:k]
		parts = append(parts, numberedPart{filepath.Join(dir, e.Name()), number})
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: no parts: want files named NAME_1.csv, NAME_2.csv, …", dir)
	}
	slices.SortFunc(parts, func(a, b numberedPart) int { return int(int64(a.number) - int64(b.number)) })
	for i := 1; i < len(parts); i++ {
		switch before := parts[i-1]; {
		case parts[i].number == before.number:
			return nil, fmt.Errorf("%s: part %d is there twice: %s and %s", dir, before.number,
				filepath.Base(before.path), filepath.Base(parts[i].path))
		case parts[i].number != before.number+1:
			return nil, fmt.Errorf("%s: part %d is missing", dir, before.number+1)
		}
	}
	return parts, nil
}

// appendPart copies the file at path to w and ends it with a newline.
func appendPart(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	last := &lastByte{w: w}
	if n, err := io.Copy(last, f); err != nil || n == 0 {
		return err
	}
	if last.b != '\n' {
		_, err = w.Write([]byte{'\n'})
	}
	return err
}

// A lastByte is a writer that keeps the last byte written through it.
type lastByte struct {
	w io.Writer
	b byte
}

func (l *lastByte) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	if n > 0 {
		l.b = p[n-1]
	}
	return n, err
}
