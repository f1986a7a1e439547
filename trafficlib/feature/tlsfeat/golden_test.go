package tlsfeat

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tsharktest"
)

// golden is the output of testdata/golden_tshark.py for a capture.
type golden struct {
	Sessions, Packets int
	Sums              map[int]float64
	SHA256            string
}

// lines returns the sessions of captures as the script does, in the order of their first packets.
func lines(t testing.TB, paths ...string) (text []string, sums map[int]float64, sessions int) {
	t.Helper()
	r, err := capture.Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type found struct {
		start int64
		lines []string
	}
	var all []found
	sums = map[int]float64{}
	x, err := NewExtractor(Options{}, func(s *Session) error {
		f := found{start: s.Start}
		for i := range s.Rows() {
			var cells []string
			for at, v := range s.AppendRow(nil, i) {
				if v != 0 {
					cells = append(cells, fmt.Sprintf("%d:%.6f", at, v))
					sums[at] += v
				}
			}
			f.lines = append(f.lines, fmt.Sprintf("%d %s\n", i, strings.Join(cells, " ")))
		}
		all = append(all, f)
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
	if err := x.Flush(); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.start, b.start) })
	for i, f := range all {
		for _, line := range f.lines {
			text = append(text, fmt.Sprint(i, " ", line))
		}
	}
	return text, sums, len(all)
}

// Every feature of every packet in the shared captures matches tshark's dissection.
func TestGoldenTshark(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_tshark.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		path := shareddata.Dir(t, "zeek_tls_pcaps", name)
		text, sums, sessions := lines(t, path)
		if sessions != want.Sessions || len(text) != want.Packets {
			t.Errorf("%s: %d sessions of %d packets, tshark has %d of %d",
				name, sessions, len(text), want.Sessions, want.Packets)
		}
		for at := range Width {
			if math.Abs(sums[at]-want.Sums[at]) > 1e-3 {
				t.Errorf("%s: %s adds up to %v, with tshark to %v", name, Features()[at].Name, sums[at], want.Sums[at])
			}
		}
		sum := sha256.Sum256([]byte(strings.Join(text, "")))
		if hex.EncodeToString(sum[:]) != want.SHA256 {
			t.Errorf("%s: the packets differ from tshark's%s", name, tsharktest.Difference(path, text))
		}
	}
	if len(all) != 19 {
		t.Errorf("%d captures, want 19", len(all))
	}
}

// The bundled captures are read as tshark reads them.
func TestSameAsTshark(t *testing.T) {
	tsharktest.Need(t)
	if testing.Short() {
		t.Skip("short: tshark takes seconds")
	}
	paths, err := filepath.Glob("../../../notebooks/data/tls/*.pcap*")
	if err != nil || len(paths) == 0 {
		t.Fatal("no bundled captures", err)
	}
	for _, path := range paths {
		text, _, sessions := lines(t, path)
		if sessions == 0 {
			t.Errorf("%s: no sessions", path)
		}
		if d := tsharktest.Difference(path, text); d != "" {
			t.Errorf("%s differs from tshark%s", path, d)
		}
	}
}
