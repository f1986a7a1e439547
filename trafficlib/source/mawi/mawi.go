// Package mawi downloads captures of the MAWI archive: each day from 14:00 Japan time, fifteen
// minutes of a trans-Pacific link.
//
// It takes two dates and the days of the week to download. It leaves the captures in
// DIR/YEAR/MONTH/YYYYMMDD1400.pcap.gz, which package capture reads as they are. A day that the
// archive does not have is listed as such and is not an error; a failed download is.
package mawi

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

// Base is the address of sample point F of the archive.
const Base = "http://mawi.wide.ad.jp/mawi/samplepoint-F"

// A Query selects days.
type Query struct {
	Base           string         // "" means Base
	Date, DateDest string         // first and last day, as in "2019-01-07"
	Weekdays       []time.Weekday // nil means Mondays
}

// maxDays is the longest period of a query, all days of the week counted.
const maxDays = 366 * 30

// Days returns the days of a query, in order.
func (q Query) Days() ([]time.Time, error) {
	from, err := time.Parse(time.DateOnly, q.Date)
	if err != nil {
		return nil, fmt.Errorf("mawi: date %q is not a day: want one like 2019-01-07", q.Date)
	}
	to, err := time.Parse(time.DateOnly, q.DateDest)
	if err != nil {
		return nil, fmt.Errorf("mawi: date_dest %q is not a day: want one like 2019-01-28", q.DateDest)
	}
	switch {
	case to.Before(from):
		return nil, fmt.Errorf("mawi: date_dest %s is before date %s", q.DateDest, q.Date)
	case to.Sub(from) > maxDays*24*time.Hour:
		return nil, fmt.Errorf("mawi: %s to %s is more than 30 years", q.Date, q.DateDest)
	}
	wanted := q.Weekdays
	if wanted == nil {
		wanted = []time.Weekday{time.Monday}
	}
	var days []time.Time
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		if slices.Contains(wanted, day.Weekday()) {
			days = append(days, day)
		}
	}
	return days, nil
}

// URL returns the address of the capture of a day, BASE/2019/201901071400.pcap.gz.
func URL(base string, day time.Time) string {
	return strings.TrimRight(base, "/") + "/" + day.Format("2006/20060102") + "1400.pcap.gz"
}

// Path returns where Get puts the capture of a day.
func Path(dir string, day time.Time) string {
	return filepath.Join(dir, day.Format("2006"), day.Format("01"), day.Format("20060102")+"1400.pcap.gz")
}

// A Day is the result for one day of a query.
type Day struct {
	Date   time.Time
	Path   string // "" if the archive does not have the day
	Record fetch.Record
}

// Days are the days of a query.
type Days []Day

// Get downloads the days of a query into dir, one after the other. It does not download a day again
// that is there already. It stops at the first error and returns it with the days so far; the next
// call resumes.
func Get(ctx context.Context, dir string, q Query, o fetch.Options) (Days, error) {
	days, err := q.Days()
	if err != nil {
		return nil, err
	}
	base := q.Base
	if base == "" {
		base = Base
	}
	if o.Accept == nil {
		o.Accept = func(begin []byte) error {
			if !capture.Sniff(begin) {
				return errors.New("not a capture")
			}
			return nil
		}
	}
	var got Days
	for _, date := range days {
		day := Day{Date: date, Path: Path(dir, date)}
		day.Record, err = fetch.File(ctx, URL(base, date), day.Path, o)
		switch {
		case errors.Is(err, fetch.ErrNotFound):
			day.Path = ""
		case err != nil:
			return got, fmt.Errorf("mawi: %w", err)
		}
		got = append(got, day)
	}
	return got, nil
}

// Paths returns the paths of the captures, without the days that the archive does not have.
func (d Days) Paths() (paths []string) {
	for _, day := range d {
		if day.Path != "" {
			paths = append(paths, day.Path)
		}
	}
	return paths
}

func (d Days) layout() *grid.Grid {
	g := &grid.Grid{Header: []string{"day", "capture", "bytes", "SHA-256"}, Right: []bool{false, false, true, false}}
	for _, day := range d {
		if day.Path == "" {
			g.Add(day.Date.Format("Mon "+time.DateOnly), "not in the archive", "", "")
			continue
		}
		sum := day.Record.SHA256
		g.Add(day.Date.Format("Mon "+time.DateOnly), filepath.Base(day.Path), fmt.Sprint(day.Record.Bytes),
			sum[:min(12, len(sum))])
	}
	return g
}

// String returns a table of the days.
func (d Days) String() string { return d.layout().Text() }

// MIME returns the table of String as plain text and as HTML.
func (d Days) MIME() (map[string]any, error) { return d.layout().MIME() }
