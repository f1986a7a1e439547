package volume

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// TestRead reads the same packets from a capture and from tshark's CSV, and a series that it wrote.
func TestRead(t *testing.T) {
	lan, rules := "../../../notebooks/data/tcp/lan.pcap.gz", Rules{Every: 10 * time.Second}
	s, notice, err := Read(t.Context(), lan, rules)
	if err != nil || s.Len() < 20 || !strings.Contains(notice, "12652 rows") {
		t.Fatalf("%d intervals, %q, %v", s.Len(), notice, err)
	}
	packets, _, err := Packets(t.Context(), lan)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	csv := filepath.Join(dir, "fields.csv")
	if err := WriteFields(csv, packets); err != nil {
		t.Fatal(err)
	}
	again, _, err := Read(t.Context(), csv, rules)
	if err != nil || !slices.Equal(again.Values, s.Values) || !again.From[0].Equal(s.From[0]) {
		t.Errorf("of the CSV %v, want %v, %v", again.Values, s.Values, err)
	}
	kept := filepath.Join(dir, "series.csv")
	if err := s.WriteCSV(kept); err != nil {
		t.Fatal(err)
	}
	twenty, _, err := Read(t.Context(), kept, Rules{Every: 20 * time.Second})
	if err != nil || !slices.Equal(twenty.Values, s.Merge(2).Values) {
		t.Errorf("in 20 s %v, %v", twenty.Values, err)
	}
	empty := filepath.Join(dir, "empty.csv")
	if err := os.WriteFile(empty, []byte(strings.Join(Fields, ",")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, read := range map[string]func() (Series, string, error){
		"no length of an interval": func() (Series, string, error) { return Read(t.Context(), lan, Rules{}) },
		"intervals of 7s cannot be made of": func() (Series, string, error) {
			return Read(t.Context(), kept, Rules{Every: 7 * time.Second})
		},
		"empty.csv: no packets": func() (Series, string, error) { return Read(t.Context(), empty, rules) },
		"no such file": func() (Series, string, error) {
			return Read(t.Context(), filepath.Join(dir, "none"), rules)
		},
		"no *.pcap.stats in this folder": func() (Series, string, error) { return Read(t.Context(), dir, rules) },
	} {
		if _, _, err := read(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A bad file in a folder of statistics is left out and named.
func TestOddStats(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("empty.pcap.stats", "")
	write("bad.pcap.stats", "First timestamp: yesterday\n")
	if _, _, err := Read(t.Context(), dir, Rules{}); err == nil ||
		!strings.Contains(err.Error(), "none of the files can be read: ") ||
		!strings.Contains(err.Error(), "empty.pcap.stats:0") {
		t.Errorf("nothing that can be read: %v", err)
	}
	write("good.pcap.stats", "First timestamp: 10.5\nLast timestamp: 20.5\nIPv4 bytes: 7\n")
	s, notice, err := Read(t.Context(), dir, Rules{})
	if err != nil || s.Len() != 1 || !strings.Contains(notice, "2 files left out: ") ||
		!strings.Contains(notice, "bad.pcap.stats:1: ") {
		t.Errorf("%d intervals, %q, %v", s.Len(), notice, err)
	}
}

// Days are ordered by their dates, captures are sampled, and a bad file is named.
func TestReadDays(t *testing.T) {
	dir := t.TempDir()
	odd := filepath.Join(dir, "day2.pcap")
	if err := os.WriteFile(odd, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	rules := Rules{Every: time.Second}
	all, lines, err := ReadDays(t.Context(), []string{"../../../notebooks/data/tcp/lan.pcap.gz", odd},
		capture.Sampling{Rate: 2}, rules)
	if err != nil || len(lines) != 3 || !strings.Contains(strings.Join(lines, "\n"), "day2.pcap is left out: ") {
		t.Errorf("%q, %v", lines, err)
	}
	if len(all) != 1 || all[0].Len() == 0 {
		t.Errorf("%d series", len(all))
	}
	if _, _, err := ReadDays(t.Context(), []string{odd}, capture.Sampling{}, rules); err == nil ||
		!strings.Contains(err.Error(), "none of 1 files can be read: ") {
		t.Errorf("nothing that can be read: %v", err)
	}
}
