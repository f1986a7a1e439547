package conversation

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// frames returns the header and the frames of the bundled capture.
func frames(t *testing.T) (header []byte, all [][]byte) {
	t.Helper()
	f, err := os.Open("../../../notebooks/data/tcp/lan.pcap.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for at := 24; at < len(data); {
		n := 16 + int(binary.LittleEndian.Uint32(data[at+8:]))
		all = append(all, data[at:at+n])
		at += n
	}
	return data[:24], all
}

// The packets of a capture or a CSV file may be in any order: they are cut as if sorted by time.
func TestShuffled(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	want, err := Read(ctx, "../../../notebooks/data/tcp/lan.pcap.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	header, all := frames(t)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	path := filepath.Join(dir, "shuffled.pcap")
	if err := os.WriteFile(path, slices.Concat(append([][]byte{header}, all...)...), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := Read(ctx, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Start.Equal(want.Start) || !strings.Contains(got.Notice, " out of order") {
		t.Errorf("from %v, %s; want from %v", got.Start, got.Notice, want.Start)
	}
	same(t, "a capture", got.Table.Drop("No."), want.Table.Drop("No."))
	equalCuts(t, "a capture", got.Table, want.Table)

	rows := rand.New(rand.NewPCG(3, 4)).Perm(want.Table.NumRows())
	csv := filepath.Join(dir, "shuffled.csv")
	writeCSV(t, csv, want.Table.Take(rows))
	if got, err = Read(ctx, csv, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.Notice, " packets out of order") {
		t.Error(got.Notice)
	}
	equalCuts(t, "a CSV", got.Table, want.Table)
}

func writeCSV(t *testing.T, path string, p *table.Table) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintln(&b, strings.Join(p.Names(), ","))
	columns := make([][]string, len(p.Names()))
	for k, name := range p.Names() {
		columns[k] = p.Column(name).Strings()
	}
	for i := range p.NumRows() {
		for k := range columns {
			if k > 0 {
				b.WriteByte(',')
			}
			b.WriteString(columns[k][i])
		}
		b.WriteByte('\n')
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// equalCuts compares the conversations of two tables of packets.
func equalCuts(t *testing.T, what string, got, want *table.Table) {
	t.Helper()
	g, err := Cut(got, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := Cut(want, Rules{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := table.Values[int64](g, Position), table.Values[int64](w, Position); !slices.Equal(a, b) || len(a) == 0 {
		t.Errorf("%s: %d conversations, want %d", what, len(starts(g))-1, len(starts(w))-1)
	}
}

// Unreadable files among captures are left out, and named with the reason.
func TestOddFiles(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	header, all := frames(t)
	write := func(name string, data ...[]byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, slices.Concat(data...), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	odd := []string{write("empty.pcap"), write("text.pcap", []byte("no capture")), write("none.pcap", header),
		write("cut.pcap.gz", []byte{0x1f, 0x8b, 8, 0})}
	good := write("good.pcap", append([][]byte{header}, all...)...)
	whole, err := Read(ctx, good, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadAll(ctx, append(odd, good), nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "beside odd files", got.Table, whole.Table)
	for _, want := range []string{"good.pcap: ", "4 files left out: ", "empty.pcap: ", "text.pcap: ",
		"none.pcap: no TCP packets", "cut.pcap.gz: "} {
		if !strings.Contains(got.Notice, want) || strings.Contains(got.Notice, "\n") {
			t.Errorf("%s\nwant %q", got.Notice, want)
		}
	}
	if _, err := ReadAll(ctx, odd, nil); err == nil || !strings.Contains(err.Error(), "none of 4 files can be read: ") {
		t.Errorf("nothing that can be read: %v", err)
	}
}
