package cic2018

const (
	second = 1_000_000 // in microseconds
	hour   = 3600 * second
	day    = 24 * hour
)

// parseTime reads a time as CICFlowMeter writes it, "14/02/2018 08:31:01" or "3/7/2017 8:55", maybe
// with a fraction of a second, AM or PM, and also "2018-02-14 08:31:01". It returns microseconds
// since 1970 and the hour as it is written, plus 24 if AM or PM follows.
func parseTime(b []byte) (t int64, clock int, ok bool) {
	i := 0
	digits := func(least, most int) (n int) {
		from := i
		for i < len(b) && i-from < most && b[i]-'0' <= 9 {
			n = n*10 + int(b[i]-'0')
			i++
		}
		if i-from < least {
			return -1
		}
		return n
	}
	skip := func(c byte) bool {
		if i < len(b) && b[i] == c {
			i++
			return true
		}
		return false
	}
	d := digits(1, 4)
	yearFirst := i == 4
	if i == 3 || i >= len(b) || b[i] != '/' && b[i] != '-' {
		return 0, 0, false
	}
	sep := b[i]
	i++
	m := digits(1, 2)
	if !skip(sep) {
		return 0, 0, false
	}
	y := 0
	if yearFirst {
		y, d = d, digits(1, 2)
	} else {
		y = digits(4, 4)
	}
	if !skip(' ') && !skip('T') {
		return 0, 0, false
	}
	for skip(' ') {
	}
	h := digits(1, 2)
	if !skip(':') {
		return 0, 0, false
	}
	minute, sec, micros := digits(2, 2), 0, 0
	if skip(':') {
		sec = digits(2, 2)
		if skip('.') {
			from := i
			micros = digits(1, 6)
			for n := i - from; n < 6; n++ {
				micros *= 10
			}
			for i < len(b) && b[i]-'0' <= 9 { // what is below a microsecond
				i++
			}
		}
	}
	date := y >= 0 && m >= 1 && m <= 12 && d >= 1 && d <= monthDays(y, m)
	time := h >= 0 && h <= 23 && minute >= 0 && minute <= 59 && sec >= 0 && sec <= 59 && micros >= 0
	if !date || !time {
		return 0, 0, false
	}
	clock = h
	if skip(' '); i+2 == len(b) && b[i+1]|0x20 == 'm' && h >= 1 && h <= 12 {
		switch b[i] | 0x20 {
		case 'a':
			h %= 12
			i += 2
		case 'p':
			h = h%12 + 12
			i += 2
		}
		clock = h + 24
	}
	if i != len(b) {
		return 0, 0, false
	}
	return days(y, m, d)*day + int64(h)*hour + int64(minute)*60*second + int64(sec)*second + int64(micros), clock, true
}

func monthDays(y, m int) int {
	switch {
	case m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0):
		return 29
	case m == 2:
		return 28
	case m == 4 || m == 6 || m == 9 || m == 11:
		return 30
	}
	return 31
}

// days returns the days since 1970 of a Gregorian date. Years begin in March here, which makes the
// leap day the last of its year (Hinnant, "chrono-Compatible Low-Level Date Algorithms",
// days_from_civil).
func days(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	return int64(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468)
}

// hours has a bit for each hour of the clock that was seen.
type hours uint64

// The hours of a clock of twelve hours: those of the afternoon, 1 to 7, and those of the morning, 8
// to 12.
const (
	small   hours = 0x7f << 1
	morning hours = 0x1f << 8
)

// maybe reports whether the clock may have twelve hours without AM and PM.
func (h hours) maybe() bool { return h&^(small|morning) == 0 }

// twelve reports whether it has.
func (h hours) twelve() bool { return h&small != 0 && h&morning != 0 && h.maybe() }
