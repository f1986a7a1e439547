package tlsfeat

import (
	"strconv"
	"strings"
	"testing"
)

// A line contains the numbers of the rows, in whatever order they were found.
func TestAppendLine(t *testing.T) {
	var w wire
	w.session(clientAt, serverAt, 1, 500)
	lines := 0
	x, err := NewExtractor(Options{}, func(s *Session) error {
		line := string(s.AppendLine([]byte("x"))[1:])
		packets := strings.Split(strings.TrimSuffix(line, ", \n"), ", ")
		if len(packets) != s.Rows() || s.Rows() != len(w.packets) {
			t.Fatalf("%d packets in the line, %d rows", len(packets), s.Rows())
		}
		for i, p := range packets {
			numbers := strings.Split(strings.Trim(p, "[]"), ",")
			if len(numbers) != Width {
				t.Fatalf("%d numbers: %s", len(numbers), p)
			}
			for k, want := range s.AppendRow(nil, i) {
				if got, err := strconv.ParseFloat(numbers[k], 64); err != nil || got != want {
					t.Errorf("packet %d, feature %d: %s, want %v", i, k, numbers[k], want)
				}
			}
		}
		lines++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.packets {
		w.packets[i].Nanos += int64(i * i * 1234567) // intervals that are not whole numbers
		x.Add(&w.packets[i])
	}
	if x.Flush(); lines != 1 {
		t.Errorf("%d lines", lines)
	}
}

func TestVersionName(t *testing.T) {
	for v, want := range map[uint16]string{
		0:      "",
		2:      "SSL 2.0",
		0x300:  "SSL 3.0",
		0x301:  "TLS 1.0",
		0x304:  "TLS 1.3",
		0x7f1c: "0x7f1c",
	} {
		if got := VersionName(v); got != want {
			t.Errorf("%#x is %q, want %q", v, got, want)
		}
	}
}
