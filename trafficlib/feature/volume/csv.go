package volume

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// What the columns of files with a series are called, and the bytes of a unit.
var (
	fromNames  = []string{"from", "init_date", "timestamp", "time", "step", "hour"}
	toNames    = []string{"to", "end_date"}
	valueNames = []string{"bytes", "b", "gb"}
	units      = map[string]float64{"gb": 1 << 30} // as in tma-prediction-tool, 1024 MB
)

// ReadCSV reads a series from a CSV file, with commas or tabs: a column of times, called from,
// init_date, timestamp, time, step or hour, one of values, bytes, B or GB (of 2³⁰ bytes), and
// perhaps one of ends, to or end_date, in any case; other columns are ignored. Times are dates with
// a time (UTC, unless they state a zone), or numbers: seconds since 1970 or since the start of the
// series, which then counts as 1970; or hours and minutes. Without ends an interval ends where the
// next begins, and the last is as long as the one before.
//
// Rows may be in any order. Two rows of one time, and missing or infinite values, are errors with
// the line.
func ReadCSV(path string) (Series, error) {
	s, err := readCSV(path)
	if err != nil {
		return Series{}, fmt.Errorf("volume: %w", err)
	}
	return s, nil
}

func readCSV(path string) (Series, error) {
	o := table.Options{}
	names, err := table.Header(path, o)
	if err == nil && len(names) == 1 && strings.Contains(names[0], "\t") {
		o.Comma = '\t'
		names, err = table.Header(path, o)
	}
	if err != nil {
		return Series{}, err
	}
	from, to, value := pick(names, fromNames), pick(names, toNames), pick(names, valueNames)
	if from == "" || value == "" {
		return Series{}, fmt.Errorf("%s: no series: want a column of times (%s) and one of values (%s), there are %.60q",
			path, strings.Join(fromNames, ", "), strings.Join(valueNames, ", "), names)
	}
	o.Columns, o.Types = []string{from, value}, map[string]table.Type{from: table.String, value: table.Float64}
	if to != "" {
		o.Columns, o.Types[to] = append(o.Columns, to), table.String
	}
	t, err := table.ReadCSV(path, o)
	if err != nil {
		return Series{}, err
	}
	s := Series{Values: slices.Clone(t.Float64s(value))}
	if unit, ok := units[strings.ToLower(value)]; ok {
		for i := range s.Values {
			s.Values[i] = math.Round(s.Values[i] * unit)
		}
	}
	if s.From, err = times(path, from, t.Strings(from)); err != nil {
		return Series{}, err
	}
	if to != "" {
		if s.To, err = times(path, to, t.Strings(to)); err != nil {
			return Series{}, err
		}
		s = s.sort()
	} else {
		s.To = s.From
		s = s.sort()
		if s.Len() < 2 {
			return Series{}, fmt.Errorf("%s: %d row without an end: how long is an interval?", path, s.Len())
		}
		n := s.Len()
		last := s.From[n-1].Sub(s.From[n-2])
		s.To = append(slices.Clone(s.From[1:]), s.From[n-1].Add(last))
	}
	if err := s.check(); err != nil {
		return Series{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func pick(names, wanted []string) string {
	for _, want := range wanted {
		for _, name := range names {
			if strings.EqualFold(name, want) {
				return name
			}
		}
	}
	return ""
}

// times reads a column of times. Rows are numbered as lines of the file, below its header.
func times(path, column string, texts []string) ([]time.Time, error) {
	read := make([]time.Time, len(texts))
	for i, text := range texts {
		t, ok := readTime(strings.TrimSpace(text))
		if !ok {
			return nil, fmt.Errorf("%s:%d: column %q: %q is not a time", path, i+2, column, text)
		}
		read[i] = t
	}
	return read, nil
}

func readTime(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if nanos, err := parseEpoch(text); err == nil {
			return time.Unix(0, nanos).UTC(), true
		}
		if math.Abs(seconds) > 9e9 || math.IsNaN(seconds) {
			return time.Time{}, false
		}
		return time.Unix(0, int64(math.Round(seconds*1e9))).UTC(), true
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", time.RFC3339,
		"2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	if t, err := time.Parse("15:04", text); err == nil {
		return time.Date(1970, 1, 1, t.Hour(), t.Minute(), 0, 0, time.UTC), true
	}
	return time.Time{}, false
}

const micros = "2006-01-02 15:04:05.000000"

// WriteCSV writes the series in the format of time_series_df.csv of tma-prediction-tool: init_date,
// end_date and bytes, times in microseconds, all six digits. The file is there whole or not at all.
func (s Series) WriteCSV(path string) error {
	err := atomicfile.Write(path, func(file io.Writer) error {
		w := bufio.NewWriter(file)
		fmt.Fprintln(w, "init_date,end_date,bytes")
		for i, v := range s.Values {
			fmt.Fprintf(w, "%s,%s,%s\n", s.From[i].UTC().Format(micros), s.To[i].UTC().Format(micros),
				strconv.FormatFloat(v, 'f', -1, 64))
		}
		return w.Flush()
	})
	if err != nil {
		return fmt.Errorf("volume: %w", err)
	}
	return nil
}
