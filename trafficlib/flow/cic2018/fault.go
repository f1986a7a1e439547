package cic2018

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
)

// A place is an error at a line of a piece, counted from 1.
type place struct {
	line int
	err  error
}

func (e *place) Error() string { return e.err.Error() }

var (
	errEmpty   = errors.New("the file is empty")
	errShort   = errors.New("a line that ends")
	errNoValue = errors.New("no value")
	errNumber  = errors.New("is not a number")
	errNoLabel = errors.New("no label")
)

// fault handles a line that cannot be read. It reports whether to go on.
func (p *piece) fault(l *layout, o *Options, line []byte, n int, err error) bool {
	line = bytes.TrimRight(line, "\r")
	if len(bytes.TrimSpace(line)) == 0 {
		p.tally.empty++
		return true
	}
	row := cells(nil, line)
	if flowcsv.Blank(row) { // nothing but commas
		p.tally.empty++
		return true
	}
	if errors.Is(err, errNoLabel) && len(row) == len(l.names) {
		p.tally.unlabeled++
		return true
	}
	if flowcsv.Repeats(l.keys, row) {
		p.tally.headers = append(p.tally.headers, n)
		return true
	}
	if len(row) != len(l.names) {
		err = fmt.Errorf("%d columns, want %d as in the header", len(row), len(l.names))
		if len(row) == 1 {
			for _, other := range []byte(";\t|") {
				if bytes.Count(line, []byte{other}) == len(l.names)-1 {
					err = fmt.Errorf("its columns are divided by %q, want ','", other)
				}
			}
		}
	}
	if err == nil {
		err = errShort
	}
	if p.cut && n == p.lines {
		err = fmt.Errorf("the file ends in the middle of this line: %w", err)
	}
	if !o.SkipBad {
		p.err = &place{n, err}
		return false
	}
	if p.tally.bad = append(p.tally.bad, n); p.tally.why == "" {
		p.tally.why = err.Error()
	}
	return true
}
