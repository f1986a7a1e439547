package volume

import (
	"fmt"
	"time"
)

// Rules say how rows are counted into intervals. Only Every is required.
type Rules struct {
	Every time.Duration // the length of an interval
	// Start is where the first interval begins. Zero means the multiple of Every since 1970 at or
	// before the first row.
	Start time.Time
	// Traffic says which packets of captures are counted; 0 means TCP over IPv4.
	Traffic Traffic
}

// Report is what Sum counted.
type Report struct {
	Rows   int // that were added
	Before int // of these, how many are before Rules.Start and left out
	Empty  int // intervals without a row
}

// String returns the report in one line.
func (r Report) String() string {
	s := fmt.Sprintf("%d rows, %d intervals without any", r.Rows, r.Empty)
	if r.Before > 0 {
		s += fmt.Sprintf(", %d rows before the start left out", r.Before)
	}
	return s
}

// mostIntervals is how long a series may become: a day of milliseconds. A row may lie leastMore
// intervals outside of it, or moreTimes as many as there are: further away, its time cannot be
// right.
const (
	mostIntervals = 86_400_000
	leastMore     = 1 << 22
	moreTimes     = 16
)

// A farRow is the error of a row whose time cannot be right.
type farRow struct {
	row   int
	at    time.Time
	k     int64
	every time.Duration
}

func (e *farRow) what() string {
	return fmt.Sprintf("at %s, is %d intervals of %v from the first: its time cannot be right", show(e.at), e.k,
		e.every)
}

// Error names the row by its number, from 1.
func (e *farRow) Error() string { return fmt.Sprintf("volume: row %d, %s", e.row, e.what()) }

// A Sum counts rows into intervals as they come, so that it need not hold them.
type Sum struct {
	rules  Rules
	start  int64 // nanoseconds since 1970
	begun  bool
	values []float64
	counts []int32 // rows, as far as 2³¹-1
	report Report
}

// NewSum returns a Sum without rows. It panics if Rules.Every is not positive.
func NewSum(rules Rules) *Sum {
	if rules.Every <= 0 {
		panic(fmt.Sprintf("volume: NewSum: intervals of %v", rules.Every))
	}
	s := &Sum{rules: rules}
	if !rules.Start.IsZero() {
		s.start, s.begun = rules.Start.UnixNano(), true
	}
	return s
}

// floor is the largest multiple of every that is not above t.
func floor(t, every int64) int64 {
	r := t % every
	if r < 0 {
		r += every
	}
	return t - r
}

// Add counts a row: a value at a time, in nanoseconds since 1970. Rows may come in any order.
func (s *Sum) Add(nanos int64, value float64) error {
	every := int64(s.rules.Every)
	s.report.Rows++
	if !s.begun {
		s.start, s.begun = floor(nanos, every), true
	}
	k := (floor(nanos-s.start, every)) / every
	if k < 0 && !s.rules.Start.IsZero() {
		s.report.Before++
		return nil
	}
	have := int64(len(s.values))
	more := max(-k, k-have)
	if more > max(leastMore, moreTimes*have) || have+more > mostIntervals {
		return &farRow{s.report.Rows, time.Unix(0, nanos), k, s.rules.Every}
	}
	if k < 0 { // before the first row that came
		s.values = append(make([]float64, -k), s.values...)
		s.counts = append(make([]int32, -k), s.counts...)
		s.start += k * every
		k = 0
	}
	if more := int(k) + 1 - len(s.values); more > 0 {
		s.values = append(s.values, make([]float64, more)...)
		s.counts = append(s.counts, make([]int32, more)...)
	}
	s.values[k] += value
	if s.counts[k] < 1<<31-1 {
		s.counts[k]++
	}
	return nil
}

// Series returns what was counted so far, and the report.
func (s *Sum) Series() (Series, Report) {
	values, report := s.values, s.report
	for _, n := range s.counts {
		if n == 0 {
			report.Empty++
		}
	}
	out := Series{make([]time.Time, len(values)), make([]time.Time, len(values)), append([]float64{}, values...)}
	for i := range values {
		out.From[i] = time.Unix(0, s.start+int64(i)*int64(s.rules.Every)).UTC()
		out.To[i] = out.From[i].Add(s.rules.Every)
	}
	return out, report
}
