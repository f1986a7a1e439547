package capture

import (
	"path/filepath"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// tlsFrames is the number of frames that tshark -r finds in the TLS captures, all of them TCP.
var tlsFrames = map[string]int64{
	"chrome-34-google.pcap": 42, "client-certificate.pcap": 31, "dhe.pcap": 24, "ecdhe.pcap": 28, "ecdsa-cert.pcap": 15,
	"google-cert-repeat.pcap": 116, "heartbleed-encrypted-success.pcap": 63, "heartbleed-success.pcap": 34,
	"heartbleed.pcap": 23, "signed_certificate_timestamp.pcap": 51, "ssl-v2.pcap": 25, "ssl.v3.pcap": 252,
	"tls-1.2-stream-keylog.pcap": 237, "tls-conn-with-extensions.pcap": 58, "tls-expired-cert.pcap": 49, "tls1.2.pcap": 22,
	"tls12-decryption.pcap": 16, "tls13_wolfssl.pcap": 21, "tls1_1.pcap": 23,
}

// TestRealCaptures reads the captures of the shared samples to their ends, and compares the counts
// with tshark.
func TestRealCaptures(t *testing.T) {
	check := func(path string, want Report) {
		r, err := Open(path)
		if err != nil {
			t.Error(err)
			return
		}
		for range r.Packets() {
		}
		if got := r.Report(); got != want {
			t.Errorf("%s: got %v, want %v", filepath.Base(path), got, want)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, n := range tlsFrames {
		check(shareddata.Dir(t, "zeek_tls_pcaps", name), Report{Frames: n, TCP: n})
	}
	check(shareddata.Dir(t, "darpa98_sample", "sample_data01.tcpdump"),
		Report{Frames: 14523, TCP: 14282, UDP: 4, OtherIP: 72, NotIP: 165})
}
