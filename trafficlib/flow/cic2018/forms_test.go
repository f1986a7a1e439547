package cic2018

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// lines reads the lines of a shared file.
func linesOf(t *testing.T, folder, file string) []string {
	t.Helper()
	text, err := os.ReadFile(shareddata.Dir(t, folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// without removes columns, by their names in the header.
func withoutColumns(lines []string, names ...string) []string {
	var keep []int
	for i, name := range strings.Split(lines[0], ",") {
		if !slices.Contains(names, strings.TrimSpace(name)) {
			keep = append(keep, i)
		}
	}
	var all []string
	for _, line := range lines {
		cells := strings.Split(line, ",")
		var some []string
		for _, i := range keep {
			some = append(some, cells[i])
		}
		all = append(all, strings.Join(some, ","))
	}
	return all
}

func writeLines(t *testing.T, dir, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func loaded(t *testing.T, o Options, paths ...string) *flowtable.Table {
	t.Helper()
	s, err := Load(t.Context(), filepath.Join(t.TempDir(), "x.arrow"), o, paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// The files of both years load in all their forms, with the same features, and can be cut into
// windows.
func TestForms(t *testing.T) {
	flows17 := linesOf(t, "cicids2017_85col", "baseline_xss.csv")
	flows18 := linesOf(t, "cse_cic_ids2018_80col", "derived_validation_original_header.csv")
	addresses := []string{"Flow ID", "Source IP", "Source Port", "Destination IP", "Protocol", "Timestamp"}
	var long []string // the 84 columns of Tuesday-20-02-2018
	for i, line := range flows18 {
		front := "Flow ID,Src IP,Src Port,Dst IP,"
		if i > 0 {
			front = "10.0.0.1-10.0.0.2-1-2-6,10.0.0.1,1,10.0.0.2,"
		}
		long = append(long, front+line)
	}
	var features []string
	for _, f := range []struct {
		name    string
		lines   []string
		columns int
		absent  []string
	}{
		{"2018", flows18, 80, nil},
		{"2018 with addresses", long, 84, nil},
		{"2017", flows17, 85, nil},
		{"2017, MachineLearningCVE", withoutColumns(flows17, addresses...), 79, []string{"protocol", "timestamp"}},
		{"2017, without a port", withoutColumns(flows17, append(addresses, "Destination Port")...), 78,
			[]string{"destination_port", "protocol", "timestamp"}},
	} {
		if n := len(strings.Split(f.lines[0], ",")); n != f.columns {
			t.Errorf("%s: %d columns, want %d", f.name, n, f.columns)
		}
		s := loaded(t,
			Options{Sort: true, Since: time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC), Missing: table.Fill, Infinite: table.Clip},
			writeLines(t, t.TempDir(), "day.csv", f.lines...))
		if s.NumRows()+int(s.Report().Before) != len(f.lines)-1 || !slices.Equal(s.Report().Absent, f.absent) {
			t.Errorf("%s: %d rows, want %d; %v", f.name, s.NumRows(), len(f.lines)-1, s.Report())
		}
		n := len(s.Features())
		if !slices.Contains(f.absent, "protocol") {
			n--
		}
		if slices.ContainsFunc(s.Features(), func(name string) bool { return strings.Contains(name, "port") }) {
			t.Errorf("%s: features %q", f.name, s.Features())
		}
		if features == nil {
			features = s.Numbers()
		}
		if n != len(features) || !slices.Equal(s.Numbers(), features) {
			t.Errorf("%s: %d features, want %q", f.name, n, features)
		}
		if sum := s.Summary("Flow Duration", "Tot Fwd Pkts"); sum.NumRows() == 0 {
			t.Errorf("%s: no summary", f.name)
		}
		w, err := s.Windows(flowtable.WindowRules{By: flowtable.ByAll, Length: 4})
		if err != nil || w.Len() != s.NumRows()/4 {
			t.Errorf("%s: %d windows, %v", f.name, w.Len(), err)
		}
		if line, err := s.Timeline(time.Hour); err != nil || len(line.Labels) == 0 {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// Without a time, the order of the rows replaces it, whether rows are sorted or not. Files follow
// each other.
func TestOrderOfRows(t *testing.T) {
	dir := t.TempDir()
	rows := []string{"Destination Port,Flow Duration,Label"}
	for i := range 200_000 {
		rows = append(rows, fmt.Sprintf("80,%d,Benign", i))
	}
	a, b := writeLines(t, dir, "a.csv", rows...),
		writeLines(t, dir, "b.csv", "Flow Duration,Label", "200000,DoS", "200001,DoS")
	s := loaded(t, Options{Sort: true, Since: time.Now(), Afternoon: true}, a, b)
	for i, v := range s.Float64s("Flow Duration") {
		if int(v) != i {
			t.Fatalf("row %d is the flow %v", i, v)
		}
	}
	if w, err := s.Windows(flowtable.WindowRules{By: flowtable.ByDay, Length: 200_000}); err != nil || w.Len() != 1 {
		t.Errorf("%v, %v", w, err) // each file is a day
	}
	if report := s.Report().String(); !strings.Contains(report,
		"no column protocol, timestamp: the order of the rows stands for the time") {
		t.Error(report)
	}
}

// A folder loads although it contains a copy under other names and files that are not tables. The
// bad files are named.
func TestOddFiles(t *testing.T) {
	s := loaded(t, keeping(Options{Sort: true, SkipBad: true}), shareddata.Dir(t, "cse_cic_ids2018_80col"))
	if len(s.Report().Files)+len(s.Report().Odd) != 4 || s.NumRows() < 3*180 {
		t.Errorf("%d rows: %v", s.NumRows(), s.Report())
	}
	dir := t.TempDir()
	good := linesOf(t, "cse_cic_ids2018_80col", "derived_validation_original_header.csv")
	writeLines(t, dir, "a.csv", good...)
	writeLines(t, dir, "b.csv", good...)
	writeLines(t, dir, "few.csv", withoutColumns(good, "Flow Duration")...)
	writeLines(t, dir, "text.csv", "only text")
	os.WriteFile(filepath.Join(dir, "empty.csv"), nil, 0o666)
	dst := filepath.Join(t.TempDir(), "x.arrow")
	for _, cached := range []bool{false, true} {
		s, err := Load(t.Context(), dst, keeping(Options{}), dir)
		if err != nil || s.Cached != cached {
			t.Fatalf("cached %v, %v", s, err)
		}
		report := s.Report().String()
		for _, want := range []string{`few.csv: left out: no column "Flow Duration", which the other files have`,
			`text.csv: left out: no column "Label"`, "empty.csv: left out: the file is empty"} {
			if !strings.Contains(report, want) {
				t.Errorf("%s\nwant %s", report, want)
			}
		}
		s.Close()
	}
	writeLines(t, dir, "text.csv", good...) // mended
	if s, err := Load(t.Context(), dst, keeping(Options{}), dir); err != nil || s.Cached || s.NumRows() != 3*180 {
		t.Errorf("a file that was mended: %v, %v", s, err)
	}
	for _, name := range []string{"a.csv", "b.csv", "few.csv", "text.csv"} {
		writeLines(t, dir, name, "only text")
	}
	if _, err := Load(t.Context(), dst, keeping(Options{}), dir); err == nil ||
		!strings.Contains(err.Error(), "none of 5 files can be read: a.csv: ") {
		t.Errorf("nothing that can be read: %v", err)
	}
}

// A 24-hour clock is unchanged, and a 12-hour clock is repaired and counted.
func TestClocks(t *testing.T) {
	rows := func(clocks ...string) []string {
		all := []string{"Dst Port,Protocol,Timestamp,Flow Duration,Label"}
		for i, c := range clocks {
			all = append(all, fmt.Sprintf("80,6,01/03/2018 %s,%d,Benign", c, i))
		}
		return all
	}
	for name, c := range map[string]struct {
		clocks []string
		want   []int
		moved  int64
	}{
		"24 hours":          {[]string{"01:00:00", "08:00:00", "13:00:00"}, []int{1, 8, 13}, 0},
		"24 hours, night":   {[]string{"00:10:00", "01:00:00", "08:00:00"}, []int{0, 1, 8}, 0},
		"twelve":            {[]string{"08:00:00", "12:00:00", "01:00:00", "07:59:00"}, []int{8, 12, 13, 19}, 2},
		"twelve, with 1970": {[]string{"08:00:00", "01:00:00"}, []int{8, 13}, 1},
		"AM and PM":         {[]string{"08:00:00 AM", "01:00:00 AM", "02:00:00 PM"}, []int{8, 1, 14}, 0},
		"the morning":       {[]string{"08:00:00", "11:00:00"}, []int{8, 11}, 0},
	} {
		lines := rows(c.clocks...)
		o := Options{Afternoon: true}
		if strings.Contains(name, "1970") {
			o.Since = time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
			lines = append(lines, "80,6,01/01/1970 00:00:00,9,Benign")
		}
		s := loaded(t, o, writeLines(t, t.TempDir(), "day.csv", lines...))
		var got []int
		for _, at := range s.Times(0, s.NumRows()) {
			got = append(got, at.Hour())
		}
		if f := s.Report().Files[0]; !slices.Equal(got, c.want) || f.Moved != c.moved ||
			s.Report().Repaired != (c.moved > 0) {
			t.Errorf("%s: hours %v, want %v; %d moved, want %d", name, got, c.want, f.Moved, c.moved)
		}
	}
}

// Unlabeled rows have no class, and rows that contain only commas are not rows.
func TestUnlabeled(t *testing.T) {
	good := []string{"Dst Port,Protocol,Timestamp,Flow Duration,Attempted Category,Label",
		"80,6,01/03/2018 08:00:00,1,-1,BENIGN", "80,6,01/03/2018 08:00:01,2,-1,Web Attack \x96 XSS"}
	lines := append(good, "80,6,01/03/2018 08:00:02,3,-1,NeedManualLabel", "80,6,01/03/2018 08:00:03,4,-1,No Label",
		"80,6,01/03/2018 08:00:04,5,-1,", good[0], ",,,,,", ",,,,,", "")
	s := loaded(t, Options{}, writeLines(t, t.TempDir(), "day.csv", lines...))
	f := s.Report().Files[0]
	if !slices.Equal(s.Labels(), []string{"Benign", "Web Attack - XSS"}) || s.NumRows() != 2 || f.Unlabeled != 3 ||
		f.Headers != 1 || f.Empty < 2 {
		t.Errorf("%q, %v", s.Labels(), s.Report())
	}
	if !slices.Equal(s.Features(), []string{"protocol", "flow_duration"}) {
		t.Errorf("features %q", s.Features())
	}
	dst := filepath.Join(t.TempDir(), "x.arrow")
	if _, err := Load(t.Context(), dst, Options{},
		writeLines(t, t.TempDir(), "day.csv", good[0], "80,6,01/03/2018 08:00:02,3,-1,NeedManualLabel")); err == nil ||
		!strings.Contains(err.Error(), "none of 1 rows is kept") {
		t.Errorf("nothing is labeled: %v", err)
	}
}
