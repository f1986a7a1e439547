package tlsfeat

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/source"
)

// check compares the sums over a session of wire, whatever its segments are.
func check(t *testing.T, what string, k kept) {
	t.Helper()
	hello := float64(len(helloBody()))
	for at, want := range map[int]float64{
		HelloLength:            hello,
		SuitesLength:           4,
		Suites + 76:            0,
		Column(Suites, 0xc02f): 1,
		Suites + 79:            1,
		Compression:            1,
		Compression + 1:        1,
		GroupsLength:           6,
		Column(Groups, 23):     1,
		Groups + 4:             1,
		Column(SigAlgs, 0x401): 1,
		ServerHello:            45,
		RenegInfo:              1,
		Certs:                  2,
		CertSigs + 4:           1,
		CertSigs + 6:           1,
		KeyExchange:            66,
		PubKey:                 65,
		Encrypted:              80,
		ChangeCipher:           2,
		AppData:                2330,
	} {
		if got := k.sum(at); at != Suites+76 && got != want {
			t.Errorf("%s: %s %s adds up to %v, want %v", what, Features()[at].Message, Features()[at].Name, got, want)
		}
	}
	if max, min := k.sum(Certs+2), k.sum(Certs+3); max-min <= 0 || k.sum(Certs+1) != (max+min)/2 {
		t.Errorf("%s: certificates of %v to %v bytes", what, min, max)
	}
	if k.ServerName != "a.example" || k.Version != 0x0303 || k.Suite != 0xc02f || k.Client != clientAt ||
		k.Server != serverAt || !k.Hello {
		t.Errorf("%s: %+v", what, k.Session)
	}
}

// Records are reassembled from segments of any size.
func TestSegments(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 50, 536, 1460, 65000} {
		var w wire
		w.session(clientAt, serverAt, 1<<32-50, n) // the numbers go round
		all, report := extract(t, Options{Limit: 1 << 20}, w.packets)
		if len(all) != 1 || report.Gaps != 0 {
			t.Fatalf("%d bytes: %d sessions, %v", n, len(all), report)
		}
		check(t, "segments", all[0])
		if len(all[0].rows) != len(w.packets) {
			t.Errorf("%d bytes: %d rows of %d packets", n, len(all[0].rows), len(w.packets))
		}
		for i, r := range all[0].rows {
			protocols := 0.0
			for _, v := range r[Protocol:Length] {
				protocols += v
			}
			if come := r[Come] == 1; protocols != 1 || come != (w.packets[i].Src == serverAt.Addr()) {
				t.Fatalf("%d bytes: packet %d: %v protocols, come %v", n, i, protocols, come)
			}
			if i > 0 && r[Interval] != 1 {
				t.Fatalf("%d bytes: packet %d after %v ms", n, i, r[Interval])
			}
		}
	}
}

// Segments that are late, repeated or overlapping yield the same records, each once.
func TestOutOfOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var w wire
		w.session(clientAt, serverAt, rng.Uint32(), 1+rng.IntN(400))
		packets := w.packets
		for range 10 { // again, and some with the next one's bytes as well
			i := 3 + rng.IntN(len(packets)-6)
			p := packets[i]
			if n := packets[i+1]; rng.IntN(2) == 0 && n.Src == p.Src && n.Seq == p.Seq+uint32(p.Payload) && n.Payload > 0 &&
				n.Seq > p.Seq {
				p.Body = cat(p.Body, n.Body)
				p.Payload += n.Payload
			}
			packets = slices.Insert(packets, i+1+rng.IntN(3), p)
		}
		for range 10 { // late by a few
			i := 4 + rng.IntN(len(packets)-8)
			j := i + rng.IntN(min(4, len(packets)-3-i))
			packets[i], packets[j] = packets[j], packets[i]
		}
		all, report := extract(t, Options{Limit: 1 << 20}, packets)
		if len(all) != 1 {
			t.Fatalf("%d sessions, %v", len(all), report)
		}
		if report.Gaps == 0 { // one that was acknowledged three times before it came counts as lost
			check(t, "out of order", all[0])
		}
	}
}

// After missing packets, extraction continues with the next record at the start of a segment.
func TestGap(t *testing.T) {
	var w wire
	c, s := w.open(clientAt, serverAt, 1)
	w.cut(c, s, 5000, rec(handshake, msg(clientHello, helloBody()...)...))
	missed := func(n int) { s.next += uint32(n) }
	missed(3000)
	for range 6 {
		w.send(s, c, capture.ACK, rec(applicationData, make([]byte, 100)...))
		w.send(c, s, capture.ACK, nil)
	}
	all, report := extract(t, Options{}, w.packets)
	if len(all) != 1 || report.Gaps != 1 || all[0].sum(AppData) != 600 {
		t.Fatalf("%v, %v bytes of data", report, all[0].sum(AppData))
	}
	// A capture of the first bytes of each packet contains the headers of the records that begin
	// there.
	w = wire{}
	c, s = w.open(clientAt, serverAt, 1)
	for range 5 {
		w.cut(s, c, 1000, rec(applicationData, make([]byte, 2500)...))
	}
	for i := range w.packets {
		w.packets[i].Body = w.packets[i].Body[:min(40, len(w.packets[i].Body))]
	}
	all, report = extract(t, Options{}, w.packets)
	if len(all) != 1 || all[0].sum(AppData) != 12500 || report.NoBeginning != 1 {
		t.Fatalf("%v, %v bytes of data", report, all[0].sum(AppData))
	}
}

// A capture that starts in the middle of a connection finds the records at the starts of segments,
// soon or never.
func TestMiddle(t *testing.T) {
	junk := func(w *wire, n int) (c, s *host) {
		c, s = &host{clientAt, 5}, &host{serverAt, 9}
		for range n {
			w.send(s, c, capture.ACK, []byte("the middle of a record"))
		}
		return c, s
	}
	var tls, other wire
	c, s := junk(&tls, 5)
	tls.cut(s, c, 900, rec(applicationData, make([]byte, 3000)...))
	tls.send(c, s, capture.ACK, rec(applicationData, 1, 2, 3))
	all, report := extract(t, Options{}, tls.packets)
	if len(all) != 1 || all[0].sum(AppData) != 3003 || all[0].Client != clientAt || report.NoBeginning != 1 ||
		len(all[0].rows) != len(tls.packets) {
		t.Errorf("%d sessions, %v", len(all), report)
	}
	c, s = junk(&other, mostTries+5)
	other.cut(s, c, 900, rec(applicationData, make([]byte, 3000)...))
	if all, report := extract(t, Options{}, other.packets); len(all) != 0 || report.Other != 1 {
		t.Errorf("%d sessions, %v", len(all), report)
	}
}

// A mixed capture is divided into its sessions, whatever lies between them.
func TestMixed(t *testing.T) {
	var parts []wire
	for i := range 20 {
		var w wire
		w.session(netip.AddrPortFrom(clientAt.Addr(), uint16(40000+i)), serverAt, uint32(i)*1000, 700)
		parts = append(parts, w)
	}
	var http, syn wire
	c, s := http.open(netip.MustParseAddrPort("10.0.0.9:3"), netip.MustParseAddrPort("192.0.2.1:80"), 5)
	http.cut(c, s, 100, []byte("GET / HTTP/1.1\r\n\r\n"))
	http.cut(s, c, 100, []byte("\x80HTTP/1.1 200 OK\r\n\r\n"))
	syn.open(netip.MustParseAddrPort("10.0.0.9:4"), netip.MustParseAddrPort("192.0.2.1:443"), 5)
	parts = append(parts, http, syn)
	rng := rand.New(rand.NewPCG(3, 4))
	var packets []capture.Packet
	for nanos := int64(1e6); len(parts) > 0; nanos += 1e5 {
		k := rng.IntN(len(parts))
		p := parts[k].packets[0]
		p.Nanos = nanos
		packets = append(packets, p, capture.Packet{Nanos: nanos, Kind: capture.NotIP})
		if parts[k].packets = parts[k].packets[1:]; len(parts[k].packets) == 0 {
			parts = slices.Delete(parts, k, k+1)
		}
	}
	all, report := extract(t, Options{}, packets)
	if len(all) != 20 || report.Other != 1 || report.Silent != 1 ||
		report.String() != "20 TLS sessions of 320 packets; 1 connections that are not TLS, 1 connections without data" {
		t.Errorf("%d sessions, %v", len(all), report)
	}
	for _, k := range all {
		k.Client = clientAt
		check(t, "mixed", k)
	}
}

// Connections end at new ones on the same ports, after silence, or for lack of room. Their rows end
// at the limit.
func TestEnds(t *testing.T) {
	var again wire
	again.session(clientAt, serverAt, 1, 900)
	again.session(clientAt, serverAt, 5_000, 900) // the same ports
	all, report := extract(t, Options{Limit: 10}, again.packets)
	if len(all) != 2 || len(all[0].rows) != 10 || all[0].Packets != len(again.packets)/2 ||
		report.Beyond != int64(len(again.packets)-20) {
		t.Errorf("%d sessions, %v", len(all), report)
	}
	var silent wire
	c, s := silent.open(clientAt, serverAt, 1)
	silent.cut(c, s, 900, rec(handshake, msg(clientHello, helloBody()...)...))
	silent.nanos += int64(time.Hour)
	silent.cut(c, s, 900, rec(applicationData, 1, 2, 3))
	if all, _ := extract(t, Options{}, silent.packets); len(all) != 2 || all[1].Hello || all[1].Client != clientAt {
		t.Errorf("after an hour of silence: %d sessions", len(all))
	}
	var crowd wire
	for i := range 50 {
		c, s := crowd.open(netip.AddrPortFrom(clientAt.Addr(), uint16(i+1)), serverAt, 1)
		crowd.cut(c, s, 900, rec(handshake, msg(clientHello, helloBody()...)...))
	}
	if all, report := extract(t, Options{Open: 10}, crowd.packets); len(all) != 50 || report.Evicted != 40 {
		t.Errorf("%d sessions, %v", len(all), report)
	}
	if _, err := NewExtractor(Options{Limit: -1}, nil); err == nil {
		t.Error("a limit of -1 packets: no error")
	}
	failed := errors.New("failed")
	x, _ := NewExtractor(Options{}, func(*Session) error { return failed })
	for i := range again.packets {
		x.Add(&again.packets[i])
	}
	if err := x.Flush(); err != failed {
		t.Errorf("got %v", err)
	}
}

const bundled = "../../../notebooks/data/tls"

// Captures of two roles become one set. Session files of the same captures yield exactly the same
// rows. Exports are text.
func TestLoad(t *testing.T) {
	files, err := source.Pick(bundled,
		[]source.Role{{Name: "normal", Pattern: "normal*"}, {Name: "attack", Pattern: "attack*"},
			{Name: "info", Optional: true}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	set, notes, err := Load(t.Context(), filepath.Join(dir, "s.arrow"), files, Options{}, "normal", "attack")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(notes, "normal: ") || !strings.Contains(notes, "\nattack: ") {
		t.Errorf("notes %q", notes)
	}
	if got := set.Parts(); !slices.Equal(got, []string{"attack"}) || !slices.Equal(set.Labels(), got) {
		t.Errorf("parts %q and labels %q", got, set.Labels())
	}
	if a := set.Part("attack"); a.Len() < 10 || a.Origin(0) != 0 || a.About(0).Start.IsZero() || set.About(0).Label != "" {
		t.Errorf("attacks: %v, %+v", a, a.About(0))
	}
	if r := set.Recipe(); r == nil || r.Extractor != "tlsfeat" || set.Names()[Length] != "Length" {
		t.Errorf("recipe %v, names %q", r, set.Names())
	}
	for _, role := range []string{"normal", "attack"} {
		to := filepath.Join(dir, "features_tls_"+role)
		if _, err := Export(t.Context(), to, Options{}, files.Of(role)...); err != nil {
			t.Fatal(err)
		}
		files = files.With(role, to)
	}
	text, err := os.ReadFile(filepath.Join(dir, "features_tls_normal", "features_tls_1.csv"))
	if err != nil || strings.Count(string(text), "\n") < 120 || !strings.HasPrefix(string(text), "[0,1,0,0,0,0,0,74,0,") {
		t.Errorf("%d sessions: %.80s", strings.Count(string(text), "\n"), text)
	}
	list, err := os.ReadFile(filepath.Join(dir, "features_tls_normal", "sessions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"} {
		if n := strings.Count(string(list), version); n < 5 {
			t.Errorf("%d sessions of %s", n, version)
		}
	}
	again, notes, err := Load(t.Context(), filepath.Join(dir, "t.arrow"), files, Options{}, "normal", "attack")
	if err != nil || !strings.HasSuffix(notes, " sessions of session files") {
		t.Fatalf("of session files: %q, %v", notes, err)
	}
	same(t, again, set)
	if a, b := again.Part("attack"), set.Part("attack"); a.Len() != b.Len() {
		t.Errorf("%v, want %v", a, b)
	}
}

// Captures become a sequence file, or leave nothing behind.
func TestExtract(t *testing.T) {
	dir := t.TempDir()
	set, e, err := Extract(t.Context(), filepath.Join(dir, "s.arrow"), Options{}, filepath.Join(bundled, "normal.pcap.gz"))
	if err != nil || int64(set.Len()) != e.Sessions || set.Features() != Width || e.Sessions < 20 {
		t.Errorf("%v, %v, %v", set, e, err)
	}
	if _, _, err := Extract(t.Context(), filepath.Join(dir, "x"), Options{},
		"../../../notebooks/data/tcp/lan.pcap.gz"); err == nil ||
		!strings.Contains(err.Error(), "no TLS sessions: 0 TLS sessions") {
		t.Errorf("a capture without TLS: %v", err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Extract(done, filepath.Join(dir, "x"), Options{}, bundled); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("a file was left")
	}
}
