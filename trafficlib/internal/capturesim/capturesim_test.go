package capturesim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

const tcp, tls = "../../../notebooks/data/tcp", "../../../notebooks/data/tls"

// packets reads a capture and returns the number of packets, the time span and the hosts that sent
// packets.
func packets(t *testing.T, path string) (n int, span time.Duration, hosts map[string]bool) {
	t.Helper()
	r, err := capture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hosts = map[string]bool{}
	for p := range r.Packets() {
		if p.Since < span {
			t.Fatalf("packet %d is %v after the first, the one before %v", n, p.Since, span)
		}
		n, span = n+1, p.Since
		if p.IPVersion == 4 {
			hosts[p.Src.String()] = true
		}
	}
	return n, span, hosts
}

func TestOneByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	if err := OneByOne(path, 40_000, tcp, tls); err != nil {
		t.Fatal(err)
	}
	once := filepath.Join(t.TempDir(), "b.pcap")
	if err := OneByOne(once, 100, tcp); err != nil {
		t.Fatal(err)
	}
	n, span, hosts := packets(t, path)
	_, _, few := packets(t, once)
	if n != 40_000 || span < time.Hour || len(hosts) <= len(few) {
		t.Errorf("%d packets over %v of %d hosts, %d at first", n, span, len(hosts), len(few))
	}
}

func TestSideBySide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcap")
	if err := SideBySide(path, 3e6, 100*time.Millisecond, tcp, tls); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() < 3e6 || info.Size() > 3e6+2000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if n, _, hosts := packets(t, path); n < 1000 || len(hosts) < abreast {
		t.Errorf("%d packets of %d hosts", n, len(hosts))
	}
}

func TestNothing(t *testing.T) {
	if err := OneByOne(filepath.Join(t.TempDir(), "a.pcap"), 1, t.TempDir()); err == nil ||
		strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}
