package flow

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// scan returns the flows of the shared port scan in the columns of a profile, and the output of the
// program of that name.
func scan(t *testing.T, p Profile, golden string) (got, want *table.Table) {
	t.Helper()
	made, err := Read(silent(t.Context()), p, shareddata.Dir(t, "nmap_golden", "dump.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	want, err = table.ReadCSV(unzipped(t, shareddata.Dir(t, "nmap_golden", golden)), table.Options{Policy: table.Keep})
	if err != nil {
		t.Fatal(err)
	}
	return made.Table, want
}

// unzipped returns the path of an uncompressed copy of a gzipped file.
func unzipped(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "golden.csv")
	if err := os.WriteFile(plain, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return plain
}

// keyed returns the rows of a table by the values of its key columns. Rows with the same key are
// distinguished by their order.
func keyed(t *table.Table, names ...string) map[string]int {
	columns := make([][]string, len(names))
	for k, name := range names {
		columns[k] = t.Strings(name)
	}
	rows, seen := map[string]int{}, map[string]int{}
	for i := range t.NumRows() {
		key := ""
		for _, c := range columns {
			key += c[i] + " "
		}
		seen[key]++
		rows[fmt.Sprint(key, seen[key])] = i
	}
	return rows
}

// differ returns, for the rows that both tables have, the number in which two columns differ.
func differ(got, want table.Column, ours, theirs map[string]int) (n int) {
	g, w := got.Strings(), want.Strings()
	for key, i := range ours {
		if k, ok := theirs[key]; ok && g[i] != w[k] && !sameNumber(g[i], w[k]) {
			n++
		}
	}
	return n
}

// sameNumber reports whether two texts are the same number.
func sameNumber(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err == nil && err2 == nil && math.Abs(x-y) <= 1e-9*math.Abs(y)
}

// The flows of a port scan equal those of NFStream. Some frames of the capture are out of order:
// NFStream gives them the time of the newest packet, which changes the times of 54 flows.
func TestScanNFStream(t *testing.T) {
	p := NFStream
	p.Rules.Size = IP
	got, want := scan(t, p, "nfstream.csv.gz")
	names := []string{"src_ip", "src_port", "dst_ip", "dst_port", "protocol"}
	ours, theirs := keyed(got, names...), keyed(want, names...)
	if len(ours) != 1051 || len(theirs) != 1051 {
		t.Fatalf("%d flows, NFStream has %d, want 1051", len(ours), len(theirs))
	}
	for key := range theirs {
		if _, ok := ours[key]; !ok {
			t.Errorf("no flow %s", key)
		}
	}
	for _, name := range got.Names() {
		n := differ(got.Column(name), want.Column(name), ours, theirs)
		if most := 54; n > most || n > 0 && !strings.HasSuffix(name, "_ms") {
			t.Errorf("%s: %d of 1051 flows differ", name, n)
		}
	}
}

// engelen maps the published files' names of columns to those of the fixed CICFlowMeter, where they
// differ.
var engelen = map[string]string{
	"Total Fwd Packets":           "Total Fwd Packet",
	"Total Backward Packets":      "Total Bwd packets",
	"Total Length of Fwd Packets": "Total Length of Fwd Packet",
	"Total Length of Bwd Packets": "Total Length of Bwd Packet",
	"Min Packet Length":           "Packet Length Min",
	"Max Packet Length":           "Packet Length Max",
	"CWE Flag Count":              "CWR Flag Count",
	"Avg Fwd Segment Size":        "Fwd Segment Size Avg",
	"Avg Bwd Segment Size":        "Bwd Segment Size Avg",
	"Fwd Avg Bytes/Bulk":          "Fwd Bytes/Bulk Avg",
	"Fwd Avg Packets/Bulk":        "Fwd Packet/Bulk Avg",
	"Fwd Avg Bulk Rate":           "Fwd Bulk Rate Avg",
	"Bwd Avg Bytes/Bulk":          "Bwd Bytes/Bulk Avg",
	"Bwd Avg Packets/Bulk":        "Bwd Packet/Bulk Avg",
	"Bwd Avg Bulk Rate":           "Bwd Bulk Rate Avg",
	"Init_Win_bytes_forward":      "FWD Init Win Bytes",
	"Init_Win_bytes_backward":     "Bwd Init Win Bytes",
	"act_data_pkt_fwd":            "Fwd Act Data Pkts",
	"min_seg_size_forward":        "Fwd Seg Size Min",
	"Source IP":                   "Src IP",
	"Source Port":                 "Src Port",
	"Destination IP":              "Dst IP",
	"Destination Port":            "Dst Port",
}

// The flows of the same scan equal those of the fixed CICFlowMeter. Our 1083 flows include one of
// ICMP, which is 16 flows there, one for each type and code. Subflows are counted differently, and
// the initial window of flows other than TCP is -1, but 0 there.
func TestScanCICFlowMeter(t *testing.T) {
	got, want := scan(t, CICFlowMeter, "cicflowmeter.csv.gz")
	ours, theirs := keyed(got, "Flow ID"), keyed(want, "Flow ID")
	if len(ours) != 1083 || len(theirs) != 1098 {
		t.Errorf("%d flows, CICFlowMeter has %d, want 1083 and 1098", len(ours), len(theirs))
	}
	for key := range ours {
		if _, ok := theirs[key]; !ok {
			t.Errorf("CICFlowMeter has no flow %s", key)
		}
		if strings.HasSuffix(key, "-0-0-1 1") {
			delete(ours, key)
		}
	}
	if len(ours) != 1082 {
		t.Errorf("%d flows to compare, want 1082", len(ours))
	}
	most := map[string]int{
		"Subflow Fwd Packets":     1082,
		"Subflow Bwd Packets":     1082,
		"Subflow Fwd Bytes":       30,
		"Subflow Bwd Bytes":       30,
		"Init_Win_bytes_forward":  1,
		"Init_Win_bytes_backward": 1,
	}
	for _, name := range got.Names() {
		if name == "Timestamp" { // a time in text of another form
			continue
		}
		as := name
		if other, ok := engelen[name]; ok {
			as = other
		}
		if n := differ(got.Column(name), want.Column(as), ours, theirs); n > most[name] {
			t.Errorf("%s: %d flows differ, want at most %d", name, n, most[name])
		}
	}
}
