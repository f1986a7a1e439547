package tlsfeat

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
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

// TestPublishedLayout compares the layout with the description of the published sessions.
func TestPublishedLayout(t *testing.T) {
	path := shareddata.Dir(t, "tls_attack_146", "features_info_2019-04-24_01-28-17.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
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

func TestColumn(t *testing.T) {
	for _, c := range []struct{ first, value, want int }{
		{Groups, 23, Groups + 3}, {Groups, 22, Groups + 4}, {Groups, 0, Groups + 4},
		{SigAlgs, 1537, SigAlgs}, {SigAlgs, 0x0804, ServerHello - 1},
		{Suites, 49155, Suites}, {Suites, 255, Suites + 78}, {Suites, 0x1301, Suites + 79},
		{Suites, 0x0700c0, Suites + 79}, {Suites, 49200, Suites + 77}} {
		if got := Column(c.first, c.value); got != c.want {
			t.Errorf("%d of group %d is in column %d, want %d", c.value, c.first, got, c.want)
		}
	}
}
