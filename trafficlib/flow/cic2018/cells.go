package cic2018

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"
)

// fastCell returns the bytes up to the next comma or end of line.
func fastCell(text []byte, at int) (cell []byte, end int) {
	end = at
	for text[end] != ',' && text[end] != '\n' {
		end++
	}
	cell = text[at:end]
	if n := len(cell); n > 0 && cell[n-1] == '\r' && text[end] == '\n' {
		cell, end = cell[:n-1], end-1
	}
	return cell, end
}

// slowCell returns a cell without blanks and quotes.
func slowCell(text []byte, at int) (cell []byte, end int) {
	line := text[at:]
	line = line[:bytes.IndexByte(line, '\n')]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	cell, end = cut(line, 0)
	return cell, at + end
}

// slowNumber reads numbers that are not plain decimals. A missing value is NaN.
func slowNumber(text []byte, at int) (v float64, end int, err error) {
	cell, end := slowCell(text, at)
	v, err = parseNumber(cell)
	return v, end, err
}

func parseNumber(cell []byte) (float64, error) {
	if len(cell) == 0 {
		return math.NaN(), nil
	}
	if bytes.ContainsAny(cell, "xX_pP") { // Go's own notations are not numbers in a CSV file
		return 0, fmt.Errorf("%s %w", quote(cell), errNumber)
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(cell), len(cell)), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%s %w", quote(cell), errNumber)
	}
	return v, nil
}

// slowSmall reads a port or protocol that is not written plainly, such as "80.0".
func slowSmall(text []byte, at int) (v, end int, err error) {
	cell, end := slowCell(text, at)
	x, err := parseNumber(cell)
	switch {
	case err != nil:
	case math.IsNaN(x):
		err = errNoValue
	case x != math.Trunc(x) || x < 0 || x > 65535:
		err = fmt.Errorf("%s is not a whole number from 0 to 65535", quote(cell))
	}
	if err != nil {
		return 0, end, err
	}
	return int(x), end, nil
}

// quote quotes a cell for an error, in part if it is long.
func quote(cell []byte) string {
	const most = 40
	if len(cell) > most {
		return fmt.Sprintf("%q…", cell[:most])
	}
	return fmt.Sprintf("%q", cell)
}
