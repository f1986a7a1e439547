package tlsfeat

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func TestReadNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info.csv")
	const text = "Network Layer,TLS Protocol Name,Feature Name,Type,Enum Value\n" +
		"TCP,-,Length,Integer,-\nTLS,ClientHello,Length,Integer,-\nTLS,ClientHello,Groups,Enum,0\n" +
		"TLS,ClientHello,Groups,Enum,0\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	names, err := ReadNames(path, 4)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Length", "ClientHello Length", "ClientHello Groups 0",
		"ClientHello Groups 0 (2)"}; !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
	if _, err := ReadNames(path, 5); err == nil ||
		!strings.Contains(err.Error(), "names of 4 features, the sessions have 5") {
		t.Errorf("another width: %v", err)
	}
}

func TestReadNamesReal(t *testing.T) {
	names, err := ReadNames(shareddata.Dir(t, "tls_attack_146", "features_info_2019-04-24_01-28-17.csv"), 146)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{
		0:   "Come/Leave",
		6:   "Protocol TLS1.2",
		7:   "Length",
		20:  "ClientHello Cipher suites 49155",
		145: "Application Data Protocol Length",
	} {
		if names[i] != want {
			t.Errorf("feature %d is %q, want %q", i, names[i], want)
		}
	}
}

// Names returns the names that ReadNames reads from the layout.
func TestNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteInfo(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadNames(path, Width); err != nil || !slices.Equal(got, Names()) {
		t.Errorf("read %q, %v, want %q", got, err, Names())
	}
}
