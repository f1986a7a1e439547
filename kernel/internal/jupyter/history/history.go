// Package history stores the cells that were run, for Jupyter's history requests.
//
// It takes cells and their results and returns the last cells, a range of a session, or those that
// match a pattern. The file has a JSON line for each cell. Kernels that run at the same time share
// it: each appends whole lines. A file that has become too large loses its older part at the next
// start.
package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const (
	maxEntries = 10_000    // cells in memory
	maxBytes   = 8 << 20   // of the file
	maxCell    = 256 << 10 // bytes of a cell or a result
)

// An Entry is a cell that was run.
type Entry struct {
	Session int    `json:"s"`
	Line    int    `json:"n"` // the cell's number in the session
	Code    string `json:"c"`
	Output  string `json:"o,omitempty"` // the text of its result
}

// A Store is the history of all sessions; this session is the last.
type Store struct {
	mu      sync.Mutex
	file    *os.File
	entries []Entry
	session int
}

// Open reads the file and begins a session. If it returns an error, or path is "", the store works
// and keeps its cells in memory only.
func Open(path string) (*Store, error) {
	s := &Store{session: 1}
	if path == "" {
		return s, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return s, fmt.Errorf("history: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return s, fmt.Errorf("history: %w", err)
	}
	lines := bufio.NewReader(bytes.NewReader(data))
	for {
		line, err := lines.ReadBytes('\n')
		var e Entry
		if json.Unmarshal(line, &e) == nil && e.Code != "" { // skip a damaged line
			s.entries = append(s.entries, e)
			s.session = max(s.session, e.Session+1)
		}
		if err != nil {
			break
		}
	}
	if n := len(s.entries); n > maxEntries {
		s.entries = slices.Clone(s.entries[n-maxEntries:])
	}
	if len(data) > maxBytes {
		if err := s.rewrite(path); err != nil {
			return s, err
		}
	}
	if s.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return s, fmt.Errorf("history: %w", err)
	}
	return s, nil
}

// rewrite writes the newest cells to the file, up to half of its maximum size.
func (s *Store) rewrite(path string) error {
	var kept [][]byte
	size := 0
	for _, e := range slices.Backward(s.entries) {
		line, err := json.Marshal(e)
		if err != nil {
			continue
		}
		if size += len(line) + 1; size > maxBytes/2 {
			break
		}
		kept = append(kept, append(line, '\n'))
	}
	slices.Reverse(kept)
	tmp := fmt.Sprintf("%s.%d", path, os.Getpid())
	err := os.WriteFile(tmp, bytes.Join(kept, nil), 0o600)
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

// Add adds a cell with its execution number.
func (s *Store) Add(line int, code string) {
	if strings.TrimSpace(code) == "" || len(code) > maxCell {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := Entry{Session: s.session, Line: line, Code: code}
	s.entries = append(s.entries, e)
	if len(s.entries) > 2*maxEntries {
		s.entries = slices.Clone(s.entries[len(s.entries)-maxEntries:])
	}
	if data, err := json.Marshal(e); err == nil && s.file != nil {
		s.file.Write(append(data, '\n'))
	}
}

// Result adds the text of the result of a cell of this session. It is not written to the file.
func (s *Store) Result(line int, text string) {
	if len(text) > maxCell {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range slices.Backward(s.entries) {
		if e.Session == s.session && e.Line == line {
			s.entries[i].Output = text
			return
		}
	}
}

// Tail returns the last n cells, oldest first.
func (s *Store) Tail(n int) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries[max(0, len(s.entries)-max(n, 0)):])
}

// Range returns the cells start ≤ line < stop of a session. Session 0 is this one; negative numbers
// count back from it. A stop of 0 or less means no end.
func (s *Store) Range(session, start, stop int) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session <= 0 {
		session += s.session
	}
	var out []Entry
	for _, e := range s.entries {
		if e.Session == session && e.Line >= start && (stop <= 0 || e.Line < stop) {
			out = append(out, e)
		}
	}
	return out
}

// Search returns the last n cells that match a pattern, in which * stands for any text and ? for
// one character. With unique, only the last of several equal cells counts. An n of 0 or less means
// all.
func (s *Store) Search(pattern string, n int, unique bool) []Entry {
	expr := "(?s)^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern)) + "$"
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Entry
	seen := map[string]bool{}
	for _, e := range slices.Backward(s.entries) {
		if !re.MatchString(e.Code) || unique && seen[e.Code] {
			continue
		}
		seen[e.Code] = true
		if out = append(out, e); n > 0 && len(out) == n {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// Close closes the file.
func (s *Store) Close() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
