package seq_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func TestReadNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info.csv")
	const text = "Network Layer,TLS Protocol Name,Feature Name,Type,Enum Value\n" +
		"TCP,-,Length,Integer,-\nTLS,ClientHello,Length,Integer,-\nTLS,ClientHello,Groups,Enum,0\nTLS,ClientHello,Groups,Enum,0\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	names, err := seq.ReadNames(path, 4)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Length", "ClientHello Length", "ClientHello Groups 0", "ClientHello Groups 0 (2)"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if _, err := seq.ReadNames(path, 5); err == nil || !strings.Contains(err.Error(), "names of 4 features, the sessions have 5") {
		t.Errorf("another width: %v", err)
	}
	if names, err := seq.ReadNames("", 2); err != nil || !slices.Equal(names, []string{"f0", "f1"}) {
		t.Errorf("without a table: %q, %v", names, err)
	}
	packets := seq.New(4, []float32{1, 0, 0, 0, 3, 0, 5, 0}).Packets(0, names)
	if got := packets.Names(); !slices.Equal(got, []string{"packet", "Length", "ClientHello Groups 0"}) || packets.NumRows() != 2 {
		t.Errorf("packets: columns %q, %d rows", got, packets.NumRows())
	}
}

func TestReadNamesReal(t *testing.T) {
	names, err := seq.ReadNames(shareddata.Dir(t, "tls_attack_146", "features_info_2019-04-24_01-28-17.csv"), 146)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{0: "Come/Leave", 6: "Protocol TLS1.2", 7: "Length", 20: "ClientHello Cipher suites 49155", 145: "Application Data Protocol Length"} {
		if names[i] != want {
			t.Errorf("feature %d is %q, want %q", i, names[i], want)
		}
	}
}
