package volume

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tsharktest"
)

// The frames that Sample keeps of a capture, and those that Packets selects from them, are packet
// for packet what tshark reads, from the sample and from the capture itself.
func TestSameAsTshark(t *testing.T) {
	tshark := tsharktest.Need(t)
	lan := "../../../notebooks/data/tcp/lan.pcap.gz"
	t.Run("bundled", func(t *testing.T) {
		sameAsTshark(t, tshark, lan, capture.Sampling{Rate: 10})
		sameAsTshark(t, tshark, lan, capture.Sampling{Method: capture.TimePoisson, Seed: 1})
	})
	t.Run("shared", func(t *testing.T) {
		if testing.Short() {
			t.Skip("short: tshark starts slowly")
		}
		paths, err := filepath.Glob(filepath.Join(shareddata.Dir(t, "zeek_tls_pcaps"), "*.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range append(paths, shareddata.Dir(t, "darpa98_sample", "sample_data01.tcpdump")) {
			if i%4 == 0 || i == len(paths) { // the others are alike: package conversation reads all of them
				sameAsTshark(t, tshark, path, capture.Sampling{Rate: 3})
			}
		}
	})
}

func sameAsTshark(t *testing.T, tshark, path string, s capture.Sampling) {
	t.Helper()
	dir := t.TempDir()
	sample := filepath.Join(dir, "sampled.pcap")
	done, err := capture.Sample(t.Context(), path, sample, s)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := Packets(t.Context(), sample)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := byTshark(t, tshark, sample, filepath.Join(dir, "sampled.csv"), Fields...)
	same(t, filepath.Base(path)+", the sample", got, want)
	if got.NumRows() == 0 || done.Kept == 0 {
		t.Errorf("%s: %v, and no TCP packets", path, done)
	}
	// tshark writes the same format as this library.
	ours := filepath.Join(dir, "ours.csv")
	if err := WriteFields(ours, got); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, ours), read(t, filepath.Join(dir, "sampled.csv")); a != b {
		t.Errorf("%s: the CSV differs from tshark's", path)
	}
	if s.Method != "" {
		return
	}
	whole, numbers := byTshark(t, tshark, path, filepath.Join(dir, "whole.csv"),
		append([]string{"frame.number"}, Fields...)...)
	var index []int
	for i, n := range numbers {
		if (int(n)-1)%s.Rate == 0 {
			index = append(index, i)
		}
	}
	same(t, filepath.Base(path)+", of the capture", got, whole.Take(index))
}

func read(t *testing.T, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func same(t *testing.T, what string, got, want *table.Table) {
	t.Helper()
	if got.NumRows() != want.NumRows() {
		t.Fatalf("%s: %d packets, tshark has %d", what, got.NumRows(), want.NumRows())
	}
	for _, f := range Fields {
		a, b := got.Strings(f), want.Strings(f)
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("%s: packet %d: %s is %s, tshark has %s", what, i, f, a[i], b[i])
			}
		}
	}
}

// byTshark has tshark write fields as the original does, and reads them. It returns the numbers of
// the frames if they are among the fields.
func byTshark(t *testing.T, tshark, path, csv string, fields ...string) (packets *table.Table, numbers []float64) {
	t.Helper()
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=,", "-E", "header=y",
		"-Y", "tcp && ip && not(icmp)"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	var said strings.Builder
	cmd := exec.Command(tshark, args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if err := os.WriteFile(csv, out, 0o666); err != nil {
		t.Fatal(err)
	}
	packets, _, err = ReadFields(csv)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(fields, "frame.number") {
		n, err := table.ReadCSV(csv, table.Options{Columns: []string{"frame.number"}})
		if err != nil {
			t.Fatal(err)
		}
		numbers = n.Float64s("frame.number")
	}
	return packets, numbers
}
