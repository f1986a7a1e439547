package tlsfeat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unsafe"
)

// parseSession appends the packets of a line, `[f0,…,fN], [..], `, to dst. A comma and blanks may
// follow the last list. Each list must hold as many numbers as there are features. The error says
// where in the line: packets count from 1, features from 0, as everywhere else.
func parseSession(dst []float32, line []byte, features int) ([]float32, error) {
	i, packets := skipBlanks(line, 0), 0
	for i < len(line) {
		packets++
		if line[i] != '[' {
			return dst, fmt.Errorf("packet %d: %s where a list should start", packets, quote(line[i:]))
		}
		i++
		n := len(dst)
		dst = slices.Grow(dst, features)[:n+features]
		end, err := parsePacket(dst[n:], line, i)
		if err != nil {
			return dst, fmt.Errorf("packet %d: %w", packets, err)
		}
		i = skipBlanks(line, end)
		if i == len(line) {
			break
		}
		if line[i] != ',' {
			return dst, fmt.Errorf("packet %d: %s after the list, want a comma", packets, quote(line[i:]))
		}
		i = skipBlanks(line, i+1)
	}
	if packets == 0 {
		return dst, fmt.Errorf("no packets")
	}
	return dst, nil
}

// parsePacket reads the numbers of the list that starts at line[i], just after its bracket, into
// row, and returns the place after its closing bracket.
func parsePacket(row []float32, line []byte, i int) (int, error) {
	const (
		zero  = '0' | '.'<<8 | '0'<<16 | ','<<24 | ' '<<32 // "0.0, " as a little-endian number
		two   = zero | '0'<<40 | '.'<<48 | '0'<<56         // "0.0, 0.0"
		eight = "0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, "
	)
	for f := 0; ; f++ {
		// Nine in ten values of real sessions are 0.0 or another number of one digit, written like
		// that: their five bytes are compared as one number, and where zeros follow each other
		// those of eight at once. Other writers leave out the fraction, or the blank too.
		for f < len(row)-1 && i+8 <= len(line) {
			w := binary.LittleEndian.Uint64(line[i:])
			if w == two && f+8 < len(row) && i+len(eight) <= len(line) && string(line[i:i+len(eight)]) == eight {
				clear(row[f : f+8])
				f += 8
				i += len(eight)
				continue
			}
			d, next := w&(1<<40-1)-zero, i+5
			if d > 9 {
				d, next = w&0xff-'0', i+2
				if d > 9 || w>>8&0xff != ',' {
					break
				}
				if w>>16&0xff == ' ' {
					next++
				}
			}
			row[f] = float32(d)
			f++
			i = next
		}
		i = skipBlanks(line, i)
		if f == len(row) {
			return i, countError(line, i, len(row))
		}
		v, end, err := parseNumber(line, i)
		if err != nil {
			if f > 0 && i < len(line) && line[i] == ']' {
				return i, fmt.Errorf("feature %d: the list ends with a comma", f)
			}
			return i, fmt.Errorf("feature %d: %w", f, err)
		}
		row[f] = v
		i = skipBlanks(line, end)
		switch {
		case i == len(line):
			return i, fmt.Errorf("feature %d: the line ends inside the list", f)
		case line[i] == ',':
			i = skipBlanks(line, i+1) // so that the five bytes of the next number are where they are looked for
		case line[i] == ']' && f == len(row)-1:
			return i + 1, nil
		case line[i] == ']':
			return i, fmt.Errorf("%d features, want %d as in line 1", f+1, len(row))
		default:
			return i, fmt.Errorf("feature %d: %s after the number, want a comma", f, quote(line[i:]))
		}
	}
}

// countError returns the error of a list that continues after its last feature, with their number
// as far as commas tell.
func countError(line []byte, i, features int) error {
	rest := line[i:]
	if len(rest) > 0 && rest[0] == ']' {
		return fmt.Errorf("feature %d: the list ends with a comma", features)
	}
	if end := bytes.IndexByte(rest, ']'); end >= 0 {
		rest = rest[:end]
	}
	return fmt.Errorf("%d features, want %d as in line 1", features+1+bytes.Count(rest, []byte{','}), features)
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	return i
}

// quote returns the word at the start of b for an error: up to the next comma, bracket or blank.
func quote(b []byte) string {
	const most = 24
	end := bytes.IndexAny(b, ",] \t")
	switch {
	case end == 0:
		end = 1
	case end < 0:
		end = len(b)
	}
	if end > most {
		return strconv.Quote(string(b[:most])) + "…"
	}
	return strconv.Quote(string(b[:end]))
}

// pow10 holds the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseNumber reads the JSON number at b[i] and returns the place after it. The value is the
// nearest float64, rounded to a float32, as Python's json and numpy have it; one that is too large
// for a float32 is an error.
func parseNumber(b []byte, i int) (float32, int, error) {
	start := i
	negative := i < len(b) && b[i] == '-'
	if negative {
		i++
	}
	var mantissa uint64
	digits, exp := 0, 0 // of the mantissa; digits beyond 19 overflow it, and then it is not used
	first := i
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(b[i]-'0')
		digits++
	}
	if digits == 0 || digits > 1 && b[first] == '0' {
		return 0, i, numberError(b, start)
	}
	exact := true
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(b[i]-'0')
			digits++
		}
		if i == point {
			return 0, i, numberError(b, start)
		}
		exp = i - point
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		exact = false // rare: left to strconv
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		power := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == power {
			return 0, i, numberError(b, start)
		}
	}
	var v float64
	if exact && digits <= 19 && mantissa < 1<<53 && exp < len(pow10) {
		// Both are exact float64 numbers, so their quotient is the one rounding that the nearest value
		// asks for (Clinger 1990).
		v = float64(mantissa) / pow10[exp]
		if negative {
			v = -v
		}
	} else {
		// The string is not kept, so that it may share the memory of the line.
		var err error
		if v, err = strconv.ParseFloat(unsafe.String(&b[start], i-start), 64); err != nil {
			return 0, i, fmt.Errorf("%s is too large for a float32", quote(b[start:]))
		}
	}
	if f := float32(v); !math.IsInf(float64(f), 0) {
		return f, i, nil
	}
	return 0, i, fmt.Errorf("%s is too large for a float32", quote(b[start:]))
}

func numberError(b []byte, i int) error {
	if i >= len(b) {
		return fmt.Errorf("the line ends inside the list")
	}
	return fmt.Errorf("%s is not a number", quote(b[i:]))
}
