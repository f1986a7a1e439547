package volume

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Read reads a series from any file that holds one: a folder of CAIDA's statistics or a file of
// them (ReadStats), a capture (the packets of rules.Traffic, by Each), tshark's CSV of such packets
// (ReadFields), or a CSV of a series (ReadCSV). Packets are counted by the rules. A series is
// brought to intervals of rules.Every, which must be a multiple of its own; with rules.Every at 0
// it keeps its own, and packets are an error. notice says in one line what was counted, and which
// files of a folder were left out, and why.
func Read(ctx context.Context, path string, rules Rules) (s Series, notice string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return Series{}, "", fmt.Errorf("volume: %w", err)
	}
	if info.IsDir() || strings.HasSuffix(path, statsName) {
		var odd []string
		s, err := readAllStats(func(err error) {
			odd = append(odd, strings.TrimPrefix(err.Error(), "volume: "))
		}, []string{path})
		notice := fmt.Sprintf("%d intervals of CAIDA's statistics, %d gaps", s.Len(), s.Gaps())
		if len(odd) > 0 {
			notice += fmt.Sprintf("; %d files left out: %s", len(odd), strings.Join(odd, "; "))
		}
		if err != nil && len(odd) > 0 {
			err = fmt.Errorf("%w: %s", err, strings.Join(odd, "; "))
		}
		return s, notice, err
	}
	kind, err := sniff(path)
	if err != nil {
		return Series{}, "", fmt.Errorf("volume: %w", err)
	}
	if kind != "series" && rules.Every <= 0 {
		return Series{}, "", fmt.Errorf("volume: %s: packets, and no length of an interval to count them by", path)
	}
	switch kind {
	case "capture":
		sum := NewSum(rules)
		packets, err := Each(ctx, rules.Traffic, func(p *capture.Packet) error {
			return sum.Add(p.Nanos, float64(p.Length))
		}, path)
		if err != nil {
			return Series{}, "", err
		}
		s, report := sum.Series()
		if s.Len() == 0 {
			return Series{}, "", fmt.Errorf("volume: %s: no packets of %v to count: %v", path, rules.Traffic, packets)
		}
		return s, fmt.Sprint(packets, "; ", report), nil
	case "fields":
		t, before, err := ReadFields(path)
		if err != nil {
			return Series{}, "", err
		}
		s, report, err := Bytes(t, rules)
		var far *farRow
		if errors.As(err, &far) {
			err = fmt.Errorf("volume: %s: row %d, %s", path, far.row, far.what())
		}
		if err == nil && s.Len() == 0 {
			err = fmt.Errorf("volume: %s: no packets", path)
		}
		return s, strings.TrimSuffix(fmt.Sprint(report, "; ", before), "; "), err
	}
	if s, err = ReadCSV(path); err == nil && rules.Every > 0 {
		s, err = s.In(rules.Every)
		if err != nil {
			err = fmt.Errorf("%w (%s)", err, path)
		}
	}
	return s, fmt.Sprintf("%d intervals of %v, %d gaps", s.Len(), s.Every(), s.Gaps()), err
}

// sniff says what a file holds: "capture", "fields" or "series".
func sniff(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	if begin, _ := in.Peek(4); capture.Sniff(begin) {
		return "capture", nil
	}
	if _, _, _, err := fieldsHeader(in); err == nil {
		return "fields", nil
	}
	return "series", nil
}
