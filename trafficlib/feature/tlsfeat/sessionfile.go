package tlsfeat

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A SessionFile is a text file of sessions, the format of llmhyy/tls_attack: one session a line,
// each packet a list of numbers with a comma and a blank after it, also after the last.
//
//	[f0, f1, …, fN], [f0, f1, …, fN], ⏎
//
// The file is mapped, and only the places of its lines are kept, 8 bytes for each; At reads a
// session on demand. Lines may end in CRLF, and the last one without a newline. Blank lines at the
// end of the file are ignored; between sessions they are refused, since the numbers of the sessions
// after them would no longer be those of the capture.
type SessionFile struct {
	file     *mapped.File
	path     string
	starts   []int64 // of each line, and the end of the last
	features int
}

// OpenSessionFile maps the file at path, finds its lines and reads the first session, whose first
// packet determines the number of features. A file without sessions is an error.
func OpenSessionFile(path string) (*SessionFile, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tlsfeat: %w", err)
	}
	s := &SessionFile{file: file, path: path}
	ends, err := lineEnds(file)
	if err == nil {
		err = file.Read(func(data []byte) error { return s.index(data, ends) })
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("tlsfeat: %w", err)
	}
	if _, err := s.At(0); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

// index keeps the places of the lines, given their ends, and counts the features of the first
// packet.
func (s *SessionFile) index(data []byte, ends []int64) error {
	blank := 0 // the number of the first blank line, from 1
	at := int64(0)
	for _, end := range ends {
		line := trimEnd(data[at:end])
		switch {
		case skipBlanks(line, 0) == len(line):
			if blank == 0 {
				blank = len(s.starts) + 1
				s.starts = append(s.starts, at) // the end of the last session, if no other follows
			}
		case blank > 0:
			return fmt.Errorf("%s:%d: a blank line between sessions", s.path, blank)
		default:
			s.starts = append(s.starts, at)
		}
		at = end
	}
	if blank == 0 {
		s.starts = append(s.starts, at)
	}
	if s.Len() == 0 {
		return fmt.Errorf("%s: no sessions: the file is empty", s.path)
	}
	first, _, _ := bytes.Cut(s.line(data, 0), []byte{']'})
	s.features = 1 + bytes.Count(first, []byte{','})
	return nil
}

// lineEnds returns the places after the lines of a file, the last of which may lack a newline. All
// cores look for them, each in a part of the file.
func lineEnds(file *mapped.File) ([]int64, error) {
	const least = 1 << 20 // bytes that are worth a goroutine
	size := len(file.Bytes())
	n := min(runtime.GOMAXPROCS(0), size/least+1)
	found, errs := make([][]int64, n), make([]error, n)
	var looking sync.WaitGroup
	for k := range n {
		looking.Go(func() {
			errs[k] = file.Read(func(data []byte) error {
				for at, to := size/n*k, partEnd(size, n, k); at < to; {
					i := bytes.IndexByte(data[at:to], '\n')
					if i < 0 {
						break
					}
					at += i + 1
					found[k] = append(found[k], int64(at))
				}
				return nil
			})
		})
	}
	looking.Wait()
	ends := slices.Concat(found...)
	if size > 0 && (len(ends) == 0 || ends[len(ends)-1] < int64(size)) {
		ends = append(ends, int64(size))
	}
	return ends, errors.Join(errs...)
}

// partEnd returns where the k-th of n parts of a file ends.
func partEnd(size, n, k int) int {
	if k == n-1 {
		return size
	}
	return size / n * (k + 1)
}

// trimEnd removes the line break, if there is one.
func trimEnd(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

func (s *SessionFile) line(data []byte, i int) []byte {
	return trimEnd(data[s.starts[i]:s.starts[i+1]])
}

// Len returns the number of sessions.
func (s *SessionFile) Len() int { return len(s.starts) - 1 }

// Features returns the number of features of a packet.
func (s *SessionFile) Features() int { return s.features }

// At reads session i, row-major, [packets][features]. An error is one line with the place: lines
// and packets are counted from 1, features from 0.
//
//	tlsfeat: sessions.csv:17: packet 3: feature 8: "NaN" is not a number
func (s *SessionFile) At(i int) ([]float32, error) {
	rows, err := s.parse(nil, i)
	if err != nil {
		return nil, fmt.Errorf("tlsfeat: %w", err)
	}
	return rows, nil
}

// parse appends the values of session i to dst. Its errors begin with the path.
func (s *SessionFile) parse(dst []float32, i int) ([]float32, error) {
	err := s.file.Read(func(data []byte) (err error) {
		line := s.line(data, i)
		if dst == nil {
			// As many as there are lists, but no more than there is text for: a number and its comma take 2
			// bytes.
			dst = make([]float32, 0, min(s.features*bytes.Count(line, []byte{']'}), len(line)/2))
		}
		dst, err = parseSession(dst, line, s.features)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", s.path, i+1, err)
		}
		return nil
	})
	return dst, err
}

// String returns the number of sessions and features.
func (s *SessionFile) String() string {
	return fmt.Sprintf("%d sessions of packets with %d features", s.Len(), s.features)
}

// Close unmaps the file; the sessions cannot be read afterwards.
func (s *SessionFile) Close() error { return s.file.Close() }
