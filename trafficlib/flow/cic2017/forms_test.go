package cic2017

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// cut reads a shared CSV file without some of its columns.
func cut(t *testing.T, folder, file string, names ...string) []string {
	t.Helper()
	text, err := os.ReadFile(shareddata.Dir(t, folder, file))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var keep []int
	for i, name := range strings.Split(lines[0], ",") {
		if !slices.Contains(names, strings.TrimSpace(name)) {
			keep = append(keep, i)
		}
	}
	for k, line := range lines {
		cells := strings.Split(line, ",")
		var some []string
		for _, i := range keep {
			some = append(some, cells[i])
		}
		lines[k] = strings.Join(some, ",")
	}
	return lines
}

func put(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// The files of both years are read in all of their forms, and what they have makes features.
func TestForms(t *testing.T) {
	addresses := []string{"Flow ID", "Source IP", "Source Port", "Destination IP", "Protocol", "Timestamp"}
	const file17, file18 = "baseline_xss.csv", "derived_validation_original_header.csv"
	for _, f := range []struct {
		name     string
		lines    []string
		columns  int
		features int
	}{
		{"2017", cut(t, "cicids2017_85col", file17), 85, 79},
		{"2017, MachineLearningCVE", cut(t, "cicids2017_85col", file17, addresses...), 79, 77},
		{"2017, without a port", cut(t, "cicids2017_85col", file17, append(addresses, "Destination Port")...), 78, 76},
		{"2018", cut(t, "cse_cic_ids2018_80col", file18), 80, 78},
		{"2018, Python's names", cut(t, "cse_cic_ids2018_80col", "validation.csv"), 0, 78},
	} {
		if n := len(strings.Split(f.lines[0], ",")); f.columns > 0 && n != f.columns {
			t.Errorf("%s: %d columns, want %d", f.name, n, f.columns)
		}
		flows, err := Read(put(t, "a.csv", f.lines...))
		if err != nil || flows.NumRows() != len(f.lines)-1 {
			t.Errorf("%s: %v, %v", f.name, flows, err)
			continue
		}
		table := flows.Numbers()
		if got := Known(table, Features()...); len(got) != f.features {
			t.Errorf("%s: %d features, want %d; not %q", f.name, len(got), f.features, slices.DeleteFunc(Features(), func(n string) bool { return slices.Contains(got, n) }))
		}
		if _, err := encode.FitTable(table, PartsOf(table, 8, 10)...); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

// What nobody labeled is no class, and labels are spelled alike.
func TestUnlabeled(t *testing.T) {
	lines := cut(t, "cicids2017_85col", "baseline_xss.csv")[:6]
	label := func(line, to string) string { return line[:strings.LastIndexByte(line, ',')+1] + to }
	blank := strings.Repeat(",", strings.Count(lines[0], ","))
	text := []string{lines[0], label(lines[1], "Benign"), label(lines[2], "Web Attack \x96 XSS"), label(lines[3], "NeedManualLabel"), label(lines[4], "No Label"), label(lines[5], ""),
		lines[0], blank, blank}
	flows, err := Read(put(t, "a.csv", text...))
	if err != nil || flows.NumRows() != 2 || flows.Values(0, Label)[0] != Benign || flows.Values(1, Label)[0] != "Web Attack - XSS" {
		t.Fatalf("%v, %v", flows, err)
	}
	if want := "left out: 3 rows without a label, 1 repeated headers, 2 rows without a value"; flows.Notice() != want {
		t.Errorf("%s, want %s", flows.Notice(), want)
	}
	if class, err := flows.Attacks(); err != nil || fmt.Sprint(class) != "[0 1]" {
		t.Errorf("%v, %v", class, err)
	}
}

// Odd files among others are left out and named.
func TestOddFiles(t *testing.T) {
	good := put(t, "good.csv", cut(t, "cicids2017_85col", "baseline_xss.csv")[:9]...)
	flows, err := Read(put(t, "empty.csv"), good, put(t, "text.csv", "only text", "x"))
	if err != nil || flows.NumRows() != 8 || !strings.Contains(flows.Notice(), "2 files: ") || !strings.Contains(flows.Notice(), "text.csv: no column") {
		t.Errorf("%v, %v", flows, err)
	}
	if _, err := Read(put(t, "a.csv"), put(t, "b.csv")); err == nil || !strings.Contains(err.Error(), "none of 2 files can be read: ") {
		t.Errorf("nothing that can be read: %v", err)
	}
}
