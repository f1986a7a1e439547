package flowcsv

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// The files of both years, and a copy with Python's names, have the same columns.
func TestKeys(t *testing.T) {
	header := func(folder, file string) (keys []string) {
		text, err := os.ReadFile(shareddata.Dir(t, folder, file))
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		for _, name := range strings.Split(line, ",") {
			k := Key(name)
			if RoleOf(k) != Left && !Optional(k) && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		return keys
	}
	short := header("cse_cic_ids2018_80col", "thursday_01_03_2018_original_header_7rows.csv")
	long := header("cicids2017_85col", "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_first299_BENIGN.csv")
	snake := header("cse_cic_ids2018_80col", "validation.csv")
	if len(short) != 80 || !slices.Equal(short, snake) {
		t.Errorf("2018 %d\n%q\nsnake\n%q", len(short), short, snake)
	}
	if !slices.Equal(short, long) {
		t.Errorf("2018\n%q\n2017\n%q", short, long)
	}
}

func TestLabels(t *testing.T) {
	for raw, want := range map[string]string{
		"BENIGN":                Benign,
		" benign ":              Benign,
		"Web Attack \x96 XSS":   "Web Attack - XSS",
		"Web Attack – XSS":      "Web Attack - XSS",
		"Web Attack \ufffd XSS": "Web Attack - XSS",
		"Web Attack ï¿½ XSS":    "Web Attack - XSS",
		"DoS  Hulk":             "DoS Hulk",
		"caf\xe9":               "café",
	} {
		if got := LabelOf([]byte(raw)); got != want || NoLabel(got) {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	}
	for _, label := range []string{"", "NeedManualLabel", "No Label", "no_label", "NaN", "unlabeled"} {
		if !NoLabel(label) {
			t.Errorf("%q is a label", label)
		}
	}
}

func TestRows(t *testing.T) {
	cells := func(line string) [][]byte { return bytes.Split([]byte(line), []byte(",")) }
	keys := []string{"dstport", "protocol", "totfwdpkts", "label"}
	for line, want := range map[string][2]bool{
		",,,":                                  {true, false},
		" , ,,\t":                              {true, false},
		"80,6,1,Benign":                        {},
		",,,Benign":                            {},
		"Dst Port,Protocol,Tot Fwd Pkts,Label": {false, true},
		"Destination Port,Protocol,x,y":        {false, true},
		"Dst Port,6,Tot,Label":                 {false, true},
		"Dst,Proto,Tot,Lab":                    {false, true},
	} {
		if got := [2]bool{Blank(cells(line)), Repeats(keys, cells(line))}; got != want {
			t.Errorf("%q: blank and repeated %v, want %v", line, got, want)
		}
	}
}

// Every spelling of a column has one name, and all names are different columns.
func TestNames(t *testing.T) {
	keys := map[string]bool{}
	for i, name := range Names {
		keys[Key(name)] = true
		if NameOf(name) != name || Rank(name) != i {
			t.Errorf("%s: named %s, rank %d", name, NameOf(name), Rank(name))
		}
	}
	if len(keys) != len(Names) || len(Names) != 84 {
		t.Errorf("%d keys of %d names", len(keys), len(Names))
	}
	for spelling, want := range map[string]string{
		"Tot Fwd Pkts":      "total_fwd_packets",
		"Total Fwd Packets": "total_fwd_packets",
		" Flow Bytes/s":     "flow_bytes_per_s",
		"Dst Port":          "destination_port",
		"Down/Up Ratio":     "down_per_up_ratio",
		"Init Fwd Win Byts": "init_win_bytes_forward",
		"Number":            "Number",
	} {
		if got := NameOf(spelling); got != want {
			t.Errorf("%s is named %s, want %s", spelling, got, want)
		}
	}
}
