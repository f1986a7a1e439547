package volume

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// TestWindows compares counts by interval with those of pandas, see testdata/golden_windows.py.
func TestWindows(t *testing.T) {
	packets, notice, err := ReadFields("testdata/golden_windows.csv")
	if err != nil {
		t.Fatal(err)
	}
	if packets.NumRows() != 400 || !strings.Contains(notice, "1 lines before the header") {
		t.Fatalf("%d rows, %q", packets.NumRows(), notice)
	}
	data, err := os.ReadFile("testdata/golden_windows.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct{ Resampled map[string][][2]int64 }
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	for _, every := range []string{"5", "10", "25"} {
		d, err := time.ParseDuration(every + "s")
		if err != nil {
			t.Fatal(err)
		}
		want := g.Resampled[every]
		got, report, err := Bytes(packets, Rules{Every: d})
		if err != nil {
			t.Fatal(err)
		}
		if got.Len() != len(want) || len(want) < 5 || report.Rows != 400 {
			t.Fatalf("%s s: %d intervals, want %d; %v", every, got.Len(), len(want), report)
		}
		empty := 0
		for i, w := range want {
			if got.From[i].UnixNano() != w[0] || got.Values[i] != float64(w[1]) || got.To[i].Sub(got.From[i]) != d {
				t.Errorf("%s s: interval %d from %v is %v, want %v", every, i, got.From[i], got.Values[i], w)
			}
			if w[1] == 0 {
				empty++
			}
		}
		if report.Empty != empty || empty == 0 && d < 25*time.Second {
			t.Errorf("%s s: %d empty intervals reported, there are %d", every, report.Empty, empty)
		}
	}
}

// TestSumOrder adds rows in another order, and sets a start.
func TestSumOrder(t *testing.T) {
	at := []int64{12_000, 3_000, 27_000, 12_500, -4_000} // milliseconds
	sum := NewSum(Rules{Every: 5 * time.Second})
	for _, ms := range at {
		if err := sum.Add(ms*1e6, 1); err != nil {
			t.Fatal(err)
		}
	}
	s, r := sum.Series()
	if want := []float64{1, 1, 0, 2, 0, 0, 1}; !slices.Equal(s.Values, want) || s.From[0].Unix() != -5 || r.Empty != 3 {
		t.Errorf("%v from %v, %+v, want %v", s.Values, s.From[0], r, want)
	}
	sum = NewSum(Rules{Every: 5 * time.Second, Start: time.Unix(11, 0)})
	for _, ms := range at {
		if err := sum.Add(ms*1e6, 1); err != nil {
			t.Fatal(err)
		}
	}
	s, r = sum.Series()
	if want := []float64{2, 0, 0, 1}; !slices.Equal(s.Values, want) || r.Before != 2 ||
		!strings.Contains(r.String(), "2 rows before the start") {
		t.Errorf("from 11 s: %v, %+v, want %v", s.Values, r, want)
	}
	if err := sum.Add(1<<62, 1); err == nil || !strings.Contains(err.Error(), "row 6, at 2116") {
		t.Errorf("a row centuries away: %v", err)
	}
	if s, _ := NewSum(Rules{Every: time.Second}).Series(); s.Len() != 0 {
		t.Errorf("no rows: %v", s)
	}
}

// TestCAIDA recomputes the original's series from its statistics files, row for row.
func TestCAIDA(t *testing.T) {
	for dir, rows := range map[string]int{"dirA": 36, "dirB": 24} {
		s, err := ReadStats(shareddata.Dir(t, "mawi_caida_tma", "caida_pcap_stats", dir))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "time_series_df.csv")
		if err := s.WriteCSV(path); err != nil {
			t.Fatal(err)
		}
		want := lines(t, shareddata.Dir(t, "mawi_caida_tma", "caida_time_series_df_"+dir+".csv"))
		if got := lines(t, path); !slices.Equal(got, want) || len(want) != rows+1 {
			t.Errorf("%s: wrote\n%s\nwant\n%s", dir, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		back, err := ReadCSV(path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(back.Values, s.Values) || s.Gaps() != map[string]int{"dirA": 0, "dirB": 1}[dir] {
			t.Errorf("%s: read %v, %d gaps", dir, back.Values, s.Gaps())
		}
		if dir == "dirA" {
			gb, err := ReadCSV(shareddata.Dir(t, "mawi_caida_tma", "caida_dataset_14_08_2002.csv"))
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range gb.Values { // rounded to 10 bytes by its 8 digits
				if v-s.Values[i] > 10 || s.Values[i]-v > 10 {
					t.Errorf("interval %d: %v bytes of GB, want %v", i, v, s.Values[i])
				}
			}
		}
	}
	if _, err := ReadStats(shareddata.Dir(t, "mawi_caida_tma", "caida_pcap_stats")); err == nil ||
		!strings.Contains(err.Error(), "directions of a link") {
		t.Errorf("both directions as one: %v", err)
	}
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(data), "\r", "")), "\n")
	slices.Sort(all[1:]) // the original's are in the order of its folder
	return all
}

// TestDay reads a real day, and merges intervals of 5 seconds into intervals of 10 and 25.
func TestDay(t *testing.T) {
	s, err := ReadCSV(shareddata.Dir(t, "mawi_caida_tma", "mawi_clean_dataset_20160109.csv"))
	if err != nil {
		t.Fatal(err)
	}
	ten, err := s.In(10 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{6167822, 6115666, 4166033}; s.Len() != 180 || s.Every() != 5*time.Second || ten.Len() != 90 ||
		!slices.Equal(ten.Values[:3], want) {
		t.Errorf("%d intervals of %v, %d of 10 s: %v, want %v", s.Len(), s.Every(), ten.Len(), ten.Values[:3], want)
	}
	d := s.Table().Describe()
	if m, sd := d.Float64s("mean")[0], d.Float64s("std")[0]; m != 2074587.4666666666 || sd < 663694.06 || sd > 663694.07 {
		t.Errorf("mean %v, standard deviation %v", m, sd)
	}
	if _, err := s.In(7 * time.Second); err == nil {
		t.Error("intervals of 7 s out of those of 5")
	}
	set := Set(ten, s)
	if set.Len() != 2 || set.Steps(1) != 180 || set.At(1)[7] != float32(s.Values[7]) ||
		!set.About(1).Start.Equal(s.From[0]) || set.Names()[0] != "bytes" {
		t.Errorf("the set is %v, the second begins at %v", set, set.About(1).Start)
	}
	path := filepath.Join(t.TempDir(), "s.arrow")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Open(path)
	if err != nil || !slices.Equal(back.Values, s.Values) || !back.To[179].Equal(s.To[179]) {
		t.Errorf("read back %d, %v", back.Len(), err)
	}
}

// TestRefused reads invalid files. Each error is one line that names the place.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	stats := "First timestamp: 10.5\nLast timestamp: 20.5\nIPv4 bytes: 7\n"
	fields := strings.Join(Fields, ",") + "\n"
	for what, c := range map[string]struct {
		read func() error
		want string
	}{
		"a number of bytes": {func() error {
			_, err := ReadStats(put("a.pcap.stats", strings.Replace(stats, "7", "7x", 1)))
			return err
		}, `a.pcap.stats:3: IPv4 bytes: "7x"`},
		"a timestamp": {func() error {
			_, err := ReadStats(put("a.pcap.stats", strings.Replace(stats, "20.5", "20.5.1", 1)))
			return err
		}, `a.pcap.stats:2: Last timestamp: "20.5.1"`},
		"a line missing": {func() error { _, err := ReadStats(put("a.pcap.stats", stats[:40])); return err },
			`a.pcap.stats:2: the end, without a line "IPv4 bytes"`},
		"a line twice": {func() error { _, err := ReadStats(put("a.pcap.stats", stats+"IPv4 bytes: 8\n")); return err },
			`a.pcap.stats:4: IPv4 bytes a second time`},
		"an end first": {func() error {
			_, err := ReadStats(put("a.pcap.stats", strings.Replace(stats, "20.5", "1.5", 1)))
			return err
		}, "before its beginning"},
		"an empty folder": {func() error { _, err := ReadStats(t.TempDir()); return err }, "no *.pcap.stats in this folder"},
		"no header": {func() error { _, _, err := ReadFields(put("p.csv", "a,b\n1,2\n")); return err },
			`p.csv:1: no header with the columns ip.src`},
		"nothing": {func() error { _, _, err := ReadFields(put("p.csv", "")); return err }, "p.csv:1: no header"},
		"a length": {func() error {
			_, _, err := ReadFields(put("p.csv", "oops\n"+fields+"1.1.1.1,2.2.2.2,60,1.5\n1.1.1.1,2.2.2.2,-60,1.5\n"))
			return err
		}, `p.csv:4: column "frame.len": "-60"`},
		"a time": {func() error {
			_, _, err := ReadFields(put("p.csv", fields+"1.1.1.1,2.2.2.2,60,soon\n"))
			return err
		}, `p.csv:2: column "frame.time_epoch": "soon"`},
		"a column too few": {func() error {
			_, _, err := ReadFields(put("p.csv", fields+"1.1.1.1,2.2.2.2,60\n"))
			return err
		}, `p.csv:2: 3 columns, want 4`},
		"no series": {func() error { _, err := ReadCSV(put("s.csv", "a,b\n1,2\n")); return err }, "s.csv: no series"},
		"a date": {func() error {
			_, err := ReadCSV(put("s.csv", "timestamp,bytes\n2019-01-07 14:00:00,1\nlater,2\n"))
			return err
		}, `s.csv:3: column "timestamp": "later"`},
		"a value": {func() error { _, err := ReadCSV(put("s.csv", "timestamp,bytes\n5,1\n10,many\n")); return err },
			`s.csv:3`},
		"a value missing": {func() error { _, err := ReadCSV(put("s.csv", "timestamp,bytes\n5,1\n10,\n")); return err },
			`s.csv:3`},
		"a time twice": {func() error {
			_, err := ReadCSV(put("s.csv", "timestamp,bytes\n5,1\n10,2\n5,3\n"))
			return err
		}, "not after the one before it"},
		"one row": {func() error { _, err := ReadCSV(put("s.csv", "timestamp,bytes\n5,1\n")); return err },
			"how long is an interval?"},
		"a file of its own": {func() error { _, err := Open(put("s.arrow", "ARROW1")); return err }, "s.arrow"},
		"an infinite instant": {func() error {
			_, err := ReadCSV(put("s.csv", "timestamp,bytes\ninf,1\n10,2\n"))
			return err
		}, `"inf" is not a time`},
	} {
		err := c.read()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
			!strings.HasPrefix(err.Error(), "volume: ") {
			t.Errorf("%s: %v, want one line with %s", what, err, c.want)
		}
	}
	tabs, err := ReadCSV(put("tabs.csv", "timestamp\tbytes\n2019-01-07 14:00:05\t2\n2019-01-07 14:00:00\t1\n"))
	if err != nil || !slices.Equal(tabs.Values, []float64{1, 2}) || tabs.Every() != 5*time.Second {
		t.Errorf("tabs, and the later row first: %v, %v", tabs, err)
	}
	in, _, err := ReadFields(put("p.csv", fields+"1.1.1.1,3.3.3.3,2.2.2.2,4.4.4.4,60,1.000000002\n"))
	if err != nil || in.Strings("ip.dst")[0] != "2.2.2.2" {
		t.Errorf("IP in IP: %v, %v", in, err)
	}
}
