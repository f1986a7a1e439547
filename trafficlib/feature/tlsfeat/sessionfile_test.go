package tlsfeat

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func put(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSessions(t *testing.T) {
	for name, text := range map[string]string{
		"as written":       "[1.0, 2.0], [3.0, 4.0], \n[5.0, 6.0], \n",
		"no last newline":  "[1.0, 2.0], [3.0, 4.0], \n[5.0, 6.0], ",
		"CRLF":             "[1.0, 2.0], [3.0, 4.0], \r\n[5.0, 6.0], \r\n",
		"blank at the end": "[1.0, 2.0], [3.0, 4.0]\n[5.0, 6.0]\n\r\n  \n",
	} {
		s, err := OpenSessionFile(put(t, "s.csv", text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Len() != 2 || s.Features() != 2 || s.String() != "2 sessions of packets with 2 features" {
			t.Errorf("%s: %v", name, s)
		}
		for i, want := range [][]float32{{1, 2, 3, 4}, {5, 6}} {
			if got, err := s.At(i); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: session %d: %v, %v", name, i, got, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDamagedSessions(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ": no sessions: the file is empty"},
		{"blank", "\n \n", ": no sessions: the file is empty"},
		{"header", "Time,Length\n1,2\n", `:1: packet 1: "Time" where a list should start`},
		{"truncated", "[1, 2], \n[3, ", ":2: packet 1: feature 1: the line ends inside the list"},
		{"narrow", "[1, 2], \n[3, 4], [5], \n", ":2: packet 2: 1 features, want 2 as in line 1"},
		{"wide", "[1, 2], \n[3, 4, 5], \n", ":2: packet 1: 3 features, want 2 as in line 1"},
		{"NaN", "[1, 2], \n[3, NaN], \n", `:2: packet 1: feature 1: "NaN" is not a number`},
		{"blank line", "[1, 2], \n\n[3, 4], \n", ":2: a blank line between sessions"},
		{"fused lines", "[1, 2], \n[3, 4][5, 6]\n", `:2: packet 1: "[5" after the list, want a comma`},
		{"binary", "\x89PNG\r\n\x1a\n", `:1: packet 1: "\x89PNG" where a list should start`},
	} {
		path := put(t, "s.csv", c.text)
		s, err := OpenSessionFile(path)
		for i := 0; err == nil && i < s.Len(); i++ {
			_, err = s.At(i)
		}
		if want := "tlsfeat: " + path + c.want; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", c.name, err, want)
		}
	}
	if _, err := OpenSessionFile(filepath.Join(t.TempDir(), "absent")); err == nil ||
		!strings.HasPrefix(err.Error(), "tlsfeat: open ") {
		t.Errorf("an absent file: %v", err)
	}
	if _, err := OpenSessionFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

// A mapped file that shrinks must not crash the program.
func TestSessionsCutWhileOpen(t *testing.T) {
	path := put(t, "s.csv", strings.Repeat("[1.0, 2.0], \n", 10000))
	s, err := OpenSessionFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := s.At(9999); err == nil || !strings.Contains(err.Error(), "became shorter") {
		t.Errorf("got %v", err)
	}
	if _, err := s.At(0); err != nil {
		t.Errorf("the page that is left can not be read: %v", err)
	}
}

func TestRealSessions(t *testing.T) {
	s, err := OpenSessionFile(shareddata.Dir(t, "tls_attack_146", "features_tls_2019-04-24_01-28-17_2.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	packets := 0
	lowest := float32(math.Inf(1)) // of feature 8, the interval
	for i := range s.Len() {
		rows, err := s.At(i)
		if err != nil {
			t.Fatal(err)
		}
		packets += len(rows) / s.Features()
		for p := 8; p < len(rows); p += s.Features() {
			lowest = min(lowest, rows[p])
		}
	}
	// The counts are those in SOURCE.txt beside the file. The interval is the value that Python's json
	// reads.
	if s.Len() != 136 || s.Features() != 146 || packets != 4958 || lowest != -9.765 {
		t.Errorf("%d sessions, %d features, %d packets, lowest interval %v; want 136, 146, 4958, -9.765",
			s.Len(), s.Features(), packets, lowest)
	}
}

func BenchmarkSessions(b *testing.B) {
	path := shareddata.Dir(b, "tls_attack_146", "features_tls_2019-04-24_01-28-17_2.csv")
	s, err := OpenSessionFile(path)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.SetBytes(s.starts[s.Len()])
	var rows []float32
	for b.Loop() {
		for i := range s.Len() {
			if rows, err = s.parse(rows[:0], i); err != nil {
				b.Fatal(err)
			}
		}
	}
}
