// Package history keeps the cells that were run, on disk and within bounds, for the three questions that Jupyter's
// protocol asks: the last ones, a range of a session, and those that fit a pattern.
//
// The file holds a JSON line for each cell. It is shared by kernels that run at the same time: each appends whole
// lines. When it has become too large the older part is dropped at the next start.
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

// The bounds: of cells in memory, of bytes on disk, and of a cell that is kept.
const (
	mostEntries = 10_000
	mostBytes   = 8 << 20
	mostCell    = 256 << 10
)

// An Entry is a cell that was run.
type Entry struct {
	Session int    `json:"s"`
	Line    int    `json:"n"` // its number in the session
	Code    string `json:"c"`
	Output  string `json:"o,omitempty"` // the text of its result
}

// A Store is the history of all sessions, this one the last.
type Store struct {
	mu      sync.Mutex
	file    *os.File
	entries []Entry
	session int
}

// Open reads the file and begins a session. With an error, or without a path, the store works and keeps nothing.
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
		if json.Unmarshal(line, &e) == nil && e.Code != "" { // a damaged line is passed over
			s.entries = append(s.entries, e)
			s.session = max(s.session, e.Session+1)
		}
		if err != nil {
			break
		}
	}
	if n := len(s.entries); n > mostEntries {
		s.entries = slices.Clone(s.entries[n-mostEntries:])
	}
	if len(data) > mostBytes {
		if err := s.rewrite(path); err != nil {
			return s, err
		}
	}
	if s.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return s, fmt.Errorf("history: %w", err)
	}
	return s, nil
}

// rewrite keeps the newest half of what may be kept.
func (s *Store) rewrite(path string) error {
	var kept [][]byte
	size := 0
	for _, e := range slices.Backward(s.entries) {
		line, err := json.Marshal(e)
		if err != nil {
			continue
		}
		if size += len(line) + 1; size > mostBytes/2 {
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

// Add keeps a cell. Its number is that of its execution.
func (s *Store) Add(line int, code string) {
	if strings.TrimSpace(code) == "" || len(code) > mostCell {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := Entry{Session: s.session, Line: line, Code: code}
	s.entries = append(s.entries, e)
	if len(s.entries) > 2*mostEntries {
		s.entries = slices.Clone(s.entries[len(s.entries)-mostEntries:])
	}
	if data, err := json.Marshal(e); err == nil && s.file != nil {
		s.file.Write(append(data, '\n'))
	}
}

// Result keeps the text of a cell's result beside the cell, for this session.
func (s *Store) Result(line int, text string) {
	if len(text) > mostCell {
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

// Tail gives the last n cells, oldest first.
func (s *Store) Tail(n int) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries[max(0, len(s.entries)-max(n, 0)):])
}

// Range gives the cells start ≤ line < stop of a session; 0 is this one, a negative number counts back from it, and a
// stop of 0 or less has no end.
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

// Search gives the last n cells that fit a pattern as a shell has them: * for any text, ? for one character. Unique
// leaves out all but the last of several that are the same. An n of 0 or less means all.
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

// Close ends the store.
func (s *Store) Close() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
