package tlsfeat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/source"
)

// These captures are misread by other programs. The test states the right result.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		file          string
		records, gaps int // 0 records: they are not counted
		before        string
	}{
		{"t23_gap_end.pcap", 6, 1, ""},
		{"t25_pppoe_len.pcap", 0, 0, ""},
		{"t05_starttls.pcap", 0, 0, "SMTP"},
		{"t06_connect.pcap", 0, 0, "HTTP CONNECT"},
		{"t26_postgres.pcap", 0, 0, "PostgreSQL"},
		{"zeek_imap-starttls.pcap", 0, 0, "IMAP"},
	} {
		r, err := capture.Open(shareddata.Dir(t, "capture_faults", c.file))
		if err != nil {
			t.Error(err)
			continue
		}
		sessions := 0
		x, err := NewExtractor(Options{}, func(s *Session) error {
			if sessions++; c.records > 0 && s.Records != c.records || s.Gaps != c.gaps || s.Before != c.before {
				t.Errorf("%s: %d records, %d gaps, after %q, want %d, %d, %q",
					c.file, s.Records, s.Gaps, s.Before, c.records, c.gaps, c.before)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for p := range r.Packets() {
			if err := x.Add(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.Flush(); err != nil || sessions != 1 {
			t.Errorf("%s: %v, %v, want 1 session", c.file, x.Report(), err)
		}
		r.Close()
	}
}

// Unreadable captures among others are named and left out.
func TestOddCaptures(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{"a.pcap": "", "b.pcap": "no capture", "c.pcap.gz": "\x1f\x8b\x08"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	good, err := filepath.Glob(bundled + "/normal*.pcap*")
	if err != nil || len(good) == 0 {
		t.Fatal("no bundled captures", err)
	}
	files, err := source.Pick(dir, []source.Role{{Name: "normal", Pattern: "*"}, {Name: "info", Optional: true}})
	if err != nil {
		t.Fatal(err)
	}
	files = files.With("normal", append(files.Of("normal"), good[0])...)
	_, notes, err := Load(t.Context(), filepath.Join(dir, "made.arrow"), files, Options{}, "normal")
	if err != nil || !strings.Contains(notes, "3 files left out: ") ||
		!strings.Contains(notes, "a.pcap: the file is empty") {
		t.Errorf("%q, %v", notes, err)
	}
}
