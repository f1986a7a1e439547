package tlssim

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFeatures(t *testing.T) {
	all := Features()
	if len(all) != Width {
		t.Fatalf("%d features, want %d", len(all), Width)
	}
	for _, c := range []struct {
		at            int
		message, name string
	}{
		{Come, "-", "Come/Leave"}, {Protocol, "-", "Protocol"}, {Length, "-", "Length"}, {Interval, "-", "Interval"},
		{Flags, "-", "Flag"}, {Window, "-", "Windows Size"}, {HelloLength, "ClientHello", "Length"},
		{Suites, "ClientHello", "Cipher suites"}, {SuitesLength, "ClientHello", "Cipher suites length"},
		{Compression, "ClientHello", "Compression method"}, {GroupsLength, "ClientHello", "Supported group length"},
		{Groups, "ClientHello", "Supported groups"}, {SigAlgs, "ClientHello", "Signature hash algorithm"},
		{ServerHello, "ServerHello", "Length"}, {RenegInfo, "ServerHello", "Renegotiation info length"},
		{Certs, "Certificate", "Number of Certificates"}, {CertSigs, "Certificate", "Signature algorithm"},
		{KeyExchange, "Client Key Exchange", "Length"}, {PubKey, "Client Key Exchange", "Pubkey length"},
		{Encrypted, "Encrypted Handshake Message", "Length"}, {ChangeCipher, "Change Cipher Spec", "Length"},
		{AppData, "Application Data Protocol", "Length"},
	} {
		if f := all[c.at]; f.Message != c.message || f.Name != c.name {
			t.Errorf("column %d is %s %s, want %s %s", c.at, f.Message, f.Name, c.message, c.name)
		}
		if all[c.at-min(c.at, 1)].Name == c.name && all[c.at-min(c.at, 1)].Message == c.message && c.at > 0 {
			t.Errorf("column %d is not the first of %s %s", c.at, c.message, c.name)
		}
	}
}

// TestPublishedLayout compares with the description that came with the published sessions.
func TestPublishedLayout(t *testing.T) {
	path := filepath.Join("..", "..", "..", "..", "shared", "data", "tls_attack_146", "features_info_2019-04-24_01-28-17.csv")
	f, err := os.Open(path)
	if err != nil {
		if os.Getenv("TRAFFICLAB_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skipf("needs the shared data beside the checkout: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range Features() {
		want := rows[i+1]
		for k := range want {
			want[k] = strings.TrimSpace(want[k])
		}
		if have := []string{got.Layer, got.Message, got.Name, got.Type, got.Value}; !slices.Equal(have, want) {
			t.Errorf("column %d: %q, want %q", i, have, want)
		}
	}
	if len(rows)-1 != Width {
		t.Errorf("the description has %d features", len(rows)-1)
	}
}

func TestManyHot(t *testing.T) {
	var p Packet
	p.manyHot(Groups, groups, []int{23, 22, 28})
	for i, want := range []float64{0, 0, 0, 1, 1} { // 22 and 28 have no column
		if p[Groups+i] != want {
			t.Errorf("group column %d is %v, want %v", i, p[Groups+i], want)
		}
	}
}
