package capture

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// timed returns a capture with frames at milliseconds after begin.
func timed(t testing.TB, at ...int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	f := frame(t, ether, ip4(nil), syn)
	for _, ms := range at {
		info := gopacket.CaptureInfo{Timestamp: begin.Add(time.Duration(ms) * time.Millisecond), CaptureLength: len(f),
			Length: len(f)}
		if err := w.WritePacket(info, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(data, nil)
}

func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTimeOrder reads the captures of a folder in the order of time, whatever their names, merged
// frame by frame where they overlap.
func TestTimeOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.pcap.zst", zstdOf(t, timed(t, 100, 101, 105)))
	write(t, dir, "sub/b.pcap", timed(t, 0, 1, 2))
	write(t, dir, "c.pcap3.gz", zipped(t, timed(t, 2, 103, 104)))
	write(t, dir, "d.pcap", timed(t))
	write(t, dir, "readme.txt", []byte("no capture"))
	write(t, dir, ".hidden.pcap", timed(t, 50))
	nameless := write(t, dir, "nameless", timed(t, 3))
	for what, paths := range map[string][]string{
		"folder":  {dir},
		"pattern": {filepath.Join(dir, "?.pcap*"), filepath.Join(dir, "sub", "*"), nameless, nameless},
	} {
		r, err := Open(paths...)
		if err != nil {
			t.Fatal(what, err)
		}
		var at []int
		var numbers []int64
		for p := range r.Packets() {
			at = append(at, int(p.Time().Sub(begin)/time.Millisecond))
			numbers = append(numbers, p.Number)
			if p.Since != p.Time().Sub(begin) {
				t.Errorf("%s: since %v at %v", what, p.Since, p.Time())
			}
			if name := filepath.Base(r.Files()[p.File]); at[len(at)-1] == 3 && name != "nameless" ||
				at[len(at)-1] == 105 && name != "a.pcap.zst" {
				t.Errorf("%s: frame at %d is of %s", what, at[len(at)-1], name)
			}
			if len(r.open) > 2 {
				t.Errorf("%s: %d captures are open", what, len(r.open))
			}
		}
		if !slices.Equal(at, []int{0, 1, 2, 2, 3, 100, 101, 103, 104, 105}) ||
			!slices.Equal(numbers, []int64{1, 2, 3, 1, 1, 1, 2, 2, 3, 3}) {
			t.Errorf("%s: frames at %v, of numbers %v", what, at, numbers)
		}
		if s := r.Report().String(); s != "10 frames: 10 TCP" {
			t.Errorf("%s: %s", what, s)
		}
		if r.Offset() != r.Size() || r.Size() == 0 {
			t.Errorf("%s: %d of %d bytes", what, r.Offset(), r.Size())
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for want, path := range map[string]string{"no captures": t.TempDir(),
		"no file matches": filepath.Join(dir, "*.xyz"), "no such file": filepath.Join(dir, "gone")} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	r, err := Open(dir, write(t, t.TempDir(), "bad.pcap", []byte("no capture")))
	if err != nil || r.Report().Skipped != 1 || !strings.Contains(r.Report().SkippedWhy, "bad.pcap: neither") {
		t.Fatalf("a file that is not a capture among others: %v", err)
	}
	r.Close()
}

// TestContinue stops reading and continues, with a stream that arrives in small pieces.
func TestContinue(t *testing.T) {
	data := timed(t, 1, 2, 3)
	r, err := NewReader(slow{bytes.NewReader(data)}, "stdin")
	if err != nil {
		t.Fatal(err)
	}
	if !r.Start().IsZero() {
		t.Error("a start before any frame")
	}
	for range r.Packets() {
		break
	}
	var n int64
	for p := range r.TCP() {
		n = p.Number
	}
	if n != 3 || r.Report().Frames != 3 || !r.Start().Equal(begin.Add(time.Millisecond)) ||
		r.Offset() != int64(len(data)) {
		t.Errorf("the last is %d, %v, from %v", n, r.Report(), r.Start())
	}
}

type slow struct{ r io.Reader }

func (s slow) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 7)]) }

// TestStdin reads a capture from standard input.
func TestStdin(t *testing.T) {
	f, err := os.Open(write(t, t.TempDir(), "x", zipped(t, timed(t, 1, 2))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	old := os.Stdin
	os.Stdin = f
	defer func() { os.Stdin = old }()
	r, err := Open("-")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range r.Packets() {
	}
	if r.Report().TCP != 2 {
		t.Error(r.Report())
	}
}

// TestShrinking truncates a mapped file while it is read: reading ends there, with the reason.
func TestShrinking(t *testing.T) {
	var at []int
	for i := range 5000 {
		at = append(at, i)
	}
	path := write(t, t.TempDir(), "x.pcap", timed(t, at...))
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for range r.Packets() {
		if n++; n == 10 {
			if err := os.Truncate(path, 4096); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n < 10 || n > 200 || !strings.Contains(r.Report().Damage, "became shorter") {
		t.Errorf("%d frames, %v", n, r.Report())
	}
}

// TestNoAllocation checks that decoding allocates nothing for any kind of frame.
func TestNoAllocation(t *testing.T) {
	kinds := [][]byte{frame(t, ether, ip4(nil), push, payload), frame(t, tagged, outer, vlan, ip4(nil), syn),
		frame(t, ether6, ip6(layers.IPProtocolTCP), push), frame(t, ether,
			ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolUDP }), &layers.UDP{SrcPort: 53}, payload)}
	var frames [][]byte
	for range 500 {
		frames = append(frames, kinds...)
	}
	data := pcap(t, layers.LinkTypeEthernet, frames...)
	dir := t.TempDir()
	for what, open := range map[string]func() (*Reader, error){
		"mapped": func() (*Reader, error) { return Open(write(t, dir, "x.pcap", data)) },
		"stream": func() (*Reader, error) { return NewReader(bytes.NewReader(data), "x") },
		"pcapng": func() (*Reader, error) { return Open(write(t, dir, "x.pcapng", ngOf(t, frames...))) },
	} {
		r, err := open()
		if err != nil {
			t.Fatal(what, err)
		}
		bytes := 0
		runs := testing.AllocsPerRun(10, func() {
			n := 0
			for p := range r.Packets() {
				bytes += len(p.Body)
				if n++; n == 150 {
					break
				}
			}
			if n != 150 {
				t.Fatalf("%s: %d frames", what, n)
			}
		})
		// A few allocations are those of the iterator, for 150 frames.
		if runs > 8 {
			t.Errorf("%s: %v allocations for 150 frames", what, runs)
		}
		r.Close()
	}
}

// ngOf returns a pcapng file of frames, a millisecond apart.
func ngOf(t testing.TB, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := pcapgo.NewNgWriter(&b, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		info := gopacket.CaptureInfo{Timestamp: begin.Add(time.Duration(i) * time.Millisecond), CaptureLength: len(f),
			Length: len(f)}
		if err := w.WritePacket(info, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
