package cic2018

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"os"
	"slices"
)

// twelveHours reports whether the clock of a file has twelve hours without AM and PM: no row that
// is kept has an hour of 0, an hour above 12, or AM or PM. It reads the times of the file only, up
// to the first that rules it out, which in a file with 24 hours comes soon.
func twelveHours(path string, l *layout, o *Options) (bool, error) {
	column := slices.Index(l.roles, timestamp)
	if column < 0 {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	since := int64(math.MinInt64)
	if !o.Since.IsZero() {
		since = o.Since.UnixMicro()
	}
	in := bufio.NewReaderSize(f, maxLine)
	if _, err := in.Discard(l.size); err != nil {
		return false, err
	}
	var seen hours
	for {
		line, err := in.ReadSlice('\n')
		if when, clock, ok := timeOf(line, column); ok {
			if afternoon := clock >= 1 && clock <= 7; when >= since || afternoon && when+12*hour >= since {
				if seen |= 1 << clock; !seen.maybe() {
					return false, nil
				}
			}
		}
		switch err {
		case nil, bufio.ErrBufferFull: // a line that loading will refuse
		case io.EOF:
			return seen != 0, nil
		default:
			return false, err
		}
	}
}

// timeOf returns the time of a line, and reads no further than that cell.
func timeOf(line []byte, column int) (t int64, clock int, ok bool) {
	at := 0
	for range column {
		if at < len(line) && line[at] == '"' { // perhaps with a comma in it
			_, end := cut(line, at)
			if at = end + 1; at > len(line) {
				return 0, 0, false
			}
			continue
		}
		k := bytes.IndexByte(line[at:], ',')
		if k < 0 {
			return 0, 0, false
		}
		at += k + 1
	}
	if at > len(line) {
		return 0, 0, false
	}
	cell, _ := cut(bytes.TrimRight(line, "\r\n"), min(at, len(bytes.TrimRight(line, "\r\n"))))
	return parseTime(cell)
}
