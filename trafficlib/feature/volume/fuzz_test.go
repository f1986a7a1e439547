package volume

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The readers get arbitrary bytes. They refuse them in one line with its number, or return a series
// that the rest of the package can use.

func FuzzFields(f *testing.F) {
	f.Add([]byte("ip.src,ip.dst,frame.len,frame.time_epoch\n10.0.0.1,10.0.0.2,60,1.5\n"))
	f.Add([]byte("Running as user root\nframe.time_epoch\tip.dst\tframe.len\tip.src\n" +
		"-1.000000001\t\"a,b\"\t9223372036854775807\tx\n"))
	f.Add([]byte("ip.src;ip.dst;frame.len;frame.time_epoch\n;;1;1e300\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		packets, _, err := readFields(bytes.NewReader(text))
		if err != nil {
			oneLine(t, err)
			return
		}
		s, report, err := Bytes(packets, Rules{Every: time.Hour})
		if err != nil {
			oneLine(t, err)
			return
		}
		if len(report.String()) == 0 {
			t.Error("an empty report")
		}
		usable(t, s)
	})
}

func FuzzStats(f *testing.F) {
	f.Add([]byte("First timestamp: 1029337200.000001\nLast timestamp: 1029337499.9\nIPv4 bytes: 12\n"))
	f.Add([]byte("IPv4 bytes: -1\nFirst timestamp: NaN\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _, n, err := readStats(bytes.NewReader(text))
		if err != nil {
			oneLine(t, err)
		} else if n < 0 || math.IsNaN(n) || math.IsInf(n, 0) {
			t.Errorf("%v bytes", n)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("timestamp,bytes\n5,1\n10,2\n15,0\n"))
	f.Add([]byte("from\tto\tvalue\n2019-01-05 14:00:00\t2019-01-05 14:00:05\t1e300\n" +
		"2019-01-05 14:00:05\t2019-01-05 14:00:04\t1\n"))
	f.Add([]byte("step,GB\n00:00,1\n23:55,Infinity\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "series.csv")
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := ReadCSV(path)
		if err != nil {
			oneLine(t, err)
			return
		}
		usable(t, s)
	})
}

func oneLine(t *testing.T, err error) {
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than a line: %q", err)
	}
}

// usable checks that a series is in order and contains finite numbers.
func usable(t *testing.T, s Series) {
	for i, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("value %d: %v", i, v)
		}
		if s.To[i].Before(s.From[i]) || i > 0 && !s.From[i].After(s.From[i-1]) {
			t.Fatalf("interval %d: from %v to %v", i, s.From[i], s.To[i])
		}
	}
	_, _ = s.Gaps(), s.Merge(2)
}
