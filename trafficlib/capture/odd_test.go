package capture

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
)

func xzOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := xz.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOddFiles checks that unreadable files among others are named with the reason, and counted.
func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	good := timed(t, 1, 2, 3)
	for name, data := range map[string][]byte{
		"good.pcap": good, "empty.pcap": {}, "text.pcap": []byte("a list of captures\n"), "usb.pcap": pcap(t,
			220), "cut.pcap.gz": zipped(t, good)[:12],
		"half.pcap.gz": zipped(t, timed(t, make([]int, 5000)...))[:2000], "none.pcap": timed(t),
	} {
		write(t, dir, name, data)
	}
	write(t, dir, "docs.pcap", zipOf(t, map[string][]byte{"a.txt": []byte("text")}))
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range r.Packets() {
	}
	report := r.Report()
	if report.Frames < 3 || report.Skipped != 5 || len(r.Files()) != 3 ||
		!strings.Contains(report.Damage, "half.pcap.gz after frame") {
		t.Errorf("%v of %v", report, r.Files())
	}
	for _, want := range []string{"empty.pcap: the file is empty", "text.pcap: neither pcap nor pcapng",
		"usb.pcap: unsupported link type 220 (USB)",
		"cut.pcap.gz: gzip: the file is truncated", "docs.pcap: a zip archive without captures", "5 files left out: "} {
		if s := report.String(); !strings.Contains(s, want) || strings.Contains(s, "\n") {
			t.Errorf("%s\nwant %q", s, want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "good.pcap")); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "half.pcap.gz"))
	os.Remove(filepath.Join(dir, "none.pcap"))
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "none of 5 files can be read: ") ||
		!strings.Contains(err.Error(), "empty.pcap: the file is empty") {
		t.Errorf("nothing that can be read: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "cut.pcap.gz")); err == nil ||
		!strings.Contains(err.Error(), "cut.pcap.gz: gzip: ") {
		t.Errorf("one file that cannot be read: %v", err)
	}
}

// TestPacked checks that the frames of a capture are the same with any compression.
func TestPacked(t *testing.T) {
	data := timed(t, 1, 2, 3)
	dir := t.TempDir()
	write(t, dir, "a.pcap.xz", xzOf(t, data))
	write(t, dir, "b.zip", zipOf(t, map[string][]byte{"in/x.pcap": data, "in/y.pcap.gz": zipped(t, data), "z": data,
		"readme.txt": []byte("text")}))
	files, frames := 4, int64(12)
	if _, err := exec.LookPath("bzip2"); err == nil {
		cmd := exec.Command("bzip2", "-c")
		cmd.Stdin = bytes.NewReader(data)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, "c.pcap.bz2", out)
		files, frames = 5, 15
	} else {
		t.Log("no bzip2 program: a file of it is not tried")
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range r.Packets() {
	}
	if len(r.Files()) != files || r.Report().TCP != frames || r.Report().Damage != "" || r.Offset() == 0 {
		t.Errorf("%v of %v", r.Report(), r.Files())
	}
	if _, _, err := all(zipOf(t, map[string][]byte{"x.pcap": data})); err == nil ||
		!strings.Contains(err.Error(), "cannot be read from a stream") {
		t.Errorf("an archive as a stream: %v", err)
	}
	huge := xzOf(t, data)
	at := bytes.IndexByte(huge[12:], 0x21) + 12
	huge[at+2] = 36 // a gigabyte
	if _, _, err := all(huge); err == nil || !strings.Contains(err.Error(), "a dictionary of 1073741824 bytes") {
		t.Errorf("a dictionary of a gigabyte: %v", err)
	}
}
