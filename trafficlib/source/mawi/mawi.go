// Package mawi downloads days of the MAWI archive, fifteen minutes of a trans-Pacific link from 14:00 on, Japan's time.
//
// It takes two dates and the days of the week that are wanted, and gives captures, DIR/YEAR/MONTH/YYYYMMDD1400.pcap.gz,
// which package capture reads as they are. Days that the archive does not have are listed, and are no error; trouble is.
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

// Base is the address of the archive's sample point F.
const Base = "http://mawi.wide.ad.jp/mawi/samplepoint-F"

// Query says which days are wanted.
type Query struct {
	Base           string         // "" means Base
	Date, DateDest string         // the first and the last day, "2019-01-07"
	Weekdays       []time.Weekday // nil means Mondays
}

// mostDays is how many days one query may have, of any day of the week.
const mostDays = 366 * 30

// Days gives the days of a query, in order.
func (q Query) Days() ([]time.Time, error) {
	from, err := time.Parse(time.DateOnly, q.Date)
	if err != nil {
		return nil, fmt.Errorf("mawi: date %q is no day: want one like 2019-01-07", q.Date)
	}
	to, err := time.Parse(time.DateOnly, q.DateDest)
	if err != nil {
		return nil, fmt.Errorf("mawi: date_dest %q is no day: want one like 2019-01-28", q.DateDest)
	}
	switch {
	case to.Before(from):
		return nil, fmt.Errorf("mawi: date_dest %s is before date %s", q.DateDest, q.Date)
	case to.Sub(from) > mostDays*24*time.Hour:
		return nil, fmt.Errorf("mawi: from %s to %s are more than 30 years", q.Date, q.DateDest)
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

// URL gives the address of a day's capture below a base, BASE/2019/201901071400.pcap.gz.
func URL(base string, day time.Time) string {
	return strings.TrimRight(base, "/") + "/" + day.Format("2006/20060102") + "1400.pcap.gz"
}

// Path gives the place of a day's capture below a folder.
func Path(dir string, day time.Time) string {
	return filepath.Join(dir, day.Format("2006"), day.Format("01"), day.Format("20060102")+"1400.pcap.gz")
}

// A Day is what became of a day.
type Day struct {
	Date   time.Time
	Path   string // "" for one that the archive does not have
	Record fetch.Record
}

// Days are the days of a query.
type Days []Day

// Get downloads the days of a query into a folder, one after the other. A day that is there already is not downloaded
// again. It stops at the first trouble with an error, and the days so far; called again it goes on from there.
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
				return errors.New("this is no capture")
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

// Paths gives the captures that there are, in order.
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
		g.Add(day.Date.Format("Mon "+time.DateOnly), filepath.Base(day.Path), fmt.Sprint(day.Record.Bytes), sum[:min(12, len(sum))])
	}
	return g
}

// String gives a table of the days.
func (d Days) String() string { return d.layout().Text() }

// MIME gives what String gives, as text and as an HTML table.
func (d Days) MIME() (map[string]any, error) { return d.layout().MIME() }
