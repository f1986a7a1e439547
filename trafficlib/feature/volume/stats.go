package volume

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// statsName is the end of the names of CAIDA's statistics of a capture.
const statsName = ".pcap.stats"

// ReadStats makes a series of CAIDA's .pcap.stats files, files or folders with them (at any depth):
// an interval for each, from its first timestamp to its last, with its IPv4 bytes. It is in the
// order of time; two files of one time, as of the two directions of a link, are an error.
func ReadStats(paths ...string) (Series, error) { return readAllStats(nil, paths) }

// readAllStats is ReadStats; odd, unless it is nil, receives the errors of files in folders, which
// are then left out.
func readAllStats(odd func(error), paths []string) (Series, error) {
	s := Series{From: []time.Time{}, To: []time.Time{}, Values: []float64{}}
	for _, path := range paths {
		found := 0
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return fmt.Errorf("volume: %w", err)
			}
			if d.IsDir() || name != path && !strings.HasSuffix(name, statsName) {
				return nil
			}
			found++
			err = s.addStats(name)
			if err != nil && name != path && odd != nil {
				odd(err)
				err = nil
			}
			return err
		})
		if err != nil {
			return Series{}, err
		}
		if found == 0 {
			return Series{}, fmt.Errorf("volume: %s: no *%s in this folder", path, statsName)
		}
	}
	if s.Len() == 0 {
		return Series{}, fmt.Errorf("volume: %s: none of the files can be read", strings.Join(paths, ", "))
	}
	s = s.sort()
	if err := s.check(); err != nil {
		return Series{}, fmt.Errorf("volume: %s: %w: the directions of a link are series of their own",
			strings.Join(paths, ", "), err)
	}
	return s, nil
}

func (s *Series) addStats(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("volume: %w", err)
	}
	defer f.Close()
	from, to, bytes, err := readStats(f)
	if err != nil {
		return fmt.Errorf("volume: %s:%w", path, err)
	}
	s.From, s.To, s.Values = append(s.From, from), append(s.To, to), append(s.Values, bytes)
	return nil
}

// readStats returns errors that begin with the number of the line.
func readStats(r io.Reader) (from, to time.Time, bytes float64, err error) {
	const first, last, ipv4 = "First timestamp", "Last timestamp", "IPv4 bytes"
	seen := map[string]string{}
	lines := bufio.NewScanner(io.LimitReader(r, 1<<20))
	number := 0
	for lines.Scan() {
		number++
		name, value, ok := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		if !ok {
			continue
		}
		switch name = strings.TrimSpace(name); name {
		case first, last:
			nanos, err := parseEpoch(value)
			if err != nil {
				return from, to, 0, fmt.Errorf("%d: %s: %w", number, name, err)
			}
			if name == first {
				from = time.Unix(0, nanos).UTC()
			} else {
				to = time.Unix(0, nanos).UTC()
			}
		case ipv4:
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 {
				return from, to, 0, fmt.Errorf("%d: %s: %q is not a number of bytes", number, name, value)
			}
			bytes = float64(n)
		default:
			continue
		}
		if before, twice := seen[name]; twice && before != value {
			return from, to, 0, fmt.Errorf("%d: %s a second time", number, name)
		}
		seen[name] = value
	}
	if err := lines.Err(); err != nil {
		return from, to, 0, fmt.Errorf("%d: %w", number+1, err)
	}
	for _, name := range []string{first, last, ipv4} {
		if _, ok := seen[name]; !ok {
			return from, to, 0, fmt.Errorf("%d: the end, without a line %q", number, name)
		}
	}
	return from, to, bytes, nil
}
