package volume

import (
	"slices"
	"testing"
)

func TestByDate(t *testing.T) {
	got := ByDate([]string{"x/mawi_5_sec_windows_20190105.csv", "x/201901071400.pcap.gz", "20250101/b.csv",
		"mawi_20160109.csv", "a.csv"})
	want := []string{"20250101/b.csv", "a.csv", "mawi_20160109.csv", "x/mawi_5_sec_windows_20190105.csv",
		"x/201901071400.pcap.gz"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
