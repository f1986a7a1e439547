package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenvtest"
)

// TestCaptures compares flows with NFStream's, in all columns, on every capture below the folder that
// TRAFFICLAB_CAPTURES names, such as the tests of a checkout of NFStream or nDPI:
//
//	TRAFFICLAB_ALL=1 TRAFFICLAB_CAPTURES=FOLDER go test -v -run TestCaptures ./trafficlib/flow
//
// Captures that differ must be listed in testdata/differ_nfstream.txt, each with a reason; one that is listed and does not
// differ fails too.
func TestCaptures(t *testing.T) {
	folder := os.Getenv("TRAFFICLAB_CAPTURES")
	if folder == "" {
		t.Skip("TRAFFICLAB_CAPTURES names no folder of captures")
	}
	python := pyenvtest.Need(t, "bench-flow", "bench/requirements.txt")
	known := differing(t)
	captures, flows, equal := 0, 0, 0
	for _, path := range capturesBelow(t, folder) {
		name := filepath.Base(path)
		theirs, err := nfstream(t, python, path)
		if err != nil {
			t.Logf("%s: NFStream: %v", name, err)
			continue
		}
		captures++
		got, err := Read(t.Context(), NFStream, path)
		if err != nil && len(theirs) > 0 {
			t.Errorf("%s: %v; NFStream has %d flows", name, err, len(theirs))
			continue
		}
		var ours []map[string]any
		if err == nil {
			ours = rowsOf(got.Table)
		}
		same, first := matching(ours, theirs)
		flows, equal = flows+len(theirs), equal+same
		reason, listed := known[name]
		switch differs := same != len(theirs) || len(ours) != len(theirs); {
		case differs && !listed:
			t.Errorf("%s: %d flows, NFStream has %d, %d are the same; %s", name, len(ours), len(theirs), same, first)
		case !differs && listed:
			t.Errorf("%s is the same, and listed: %s", name, reason)
		}
	}
	t.Logf("%d captures, %d flows of NFStream, %d the same in all columns", captures, flows, equal)
	if captures == 0 {
		t.Errorf("no captures below %s", folder)
	}
}

func capturesBelow(t *testing.T, folder string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".pcap", ".pcapng", ".cap"}, filepath.Ext(path)) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// differing reads the list of captures whose flows are known to differ: a name and a reason on each line.
func differing(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/differ_nfstream.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, reason, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			known[name] = reason
		}
	}
	return known
}

// nfstream returns what NFStream makes of a capture. It ends the process on some.
func nfstream(t *testing.T, python, path string) (rows []map[string]any, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), python, "testdata/flows_nfstream.py", path)
	command.WaitDelay = time.Second
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()[max(0, said.Len()-200):]))
	}
	for line := range bytes.Lines(out) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func rowsOf(t *table.Table) []map[string]any {
	rows := make([]map[string]any, t.NumRows())
	for i := range rows {
		rows[i] = map[string]any{}
	}
	for _, name := range t.Names() {
		c := t.Column(name)
		texts := c.Strings()
		var numbers []float64
		if c.Type() != table.String {
			numbers = c.Float64s()
		}
		for i := range rows {
			if numbers != nil {
				rows[i][name] = numbers[i]
			} else {
				rows[i][name] = texts[i]
			}
		}
	}
	return rows
}

// matching counts the flows of theirs that ours has too, and describes the first that it has not.
func matching(ours, theirs []map[string]any) (same int, first string) {
	key := func(r map[string]any) string {
		var b strings.Builder
		for _, name := range []string{"bidirectional_first_seen_ms", "src_ip", "src_port", "dst_ip", "dst_port",
			"protocol", "vlan_id"} {
			if f, ok := r[name].(float64); ok {
				b.WriteString(strconv.FormatFloat(f, 'f', -1, 64))
			} else {
				fmt.Fprint(&b, r[name])
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	byKey := map[string][]map[string]any{}
	for _, r := range ours {
		byKey[key(r)] = append(byKey[key(r)], r)
	}
	for _, want := range theirs {
		k := key(want)
		found, why := -1, "it is missing"
		for i, got := range byKey[k] {
			if column := unequal(got, want); column == "" {
				found = i
				break
			} else {
				why = fmt.Sprintf("%s is %v, with NFStream %v", column, got[column], want[column])
			}
		}
		if found < 0 {
			if first == "" {
				first = k + why
			}
			continue
		}
		byKey[k] = slices.Delete(byKey[k], found, found+1)
		same++
	}
	return same, first
}

// unequal returns the first column, by name, in which two flows differ.
func unequal(got, want map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if w, ok := want[name].(float64); ok {
			if g, ok := got[name].(float64); ok && math.Abs(g-w) <= 1e-9*math.Abs(w) {
				continue
			}
		} else if got[name] == want[name] {
			continue
		}
		return name
	}
	return ""
}
