package cic2018

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// Numbers of all lengths, and those halfway between two floats, equal strconv's.
func TestDecimal(t *testing.T) {
	check := func(m uint64, fraction int) {
		t.Helper()
		text := strconv.FormatUint(m, 10)
		if n := fraction + 1 - len(text); n > 0 {
			text = strings.Repeat("0", n) + text
		}
		text = text[:len(text)-fraction] + "." + text[len(text)-fraction:]
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := decimal(m, fraction); got != want {
			t.Fatalf("%s is %v, want %v", text, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300_000 {
		m := rng.Uint64() >> rng.IntN(64)
		if m >= whole10[19] {
			m /= 10
		}
		check(m, rng.IntN(20))
	}
	for _, m := range []uint64{0, 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<54 + 2, 1<<54 + 6, 1<<63 + 1<<10, 1<<63 + 1<<10 + 1,
		9999999999999999999} {
		for fraction := range 20 {
			check(m, fraction)
		}
	}
	// Halves: odd multiples of half a unit in the last place, divided by a power of two that divides a
	// power of ten.
	for range 10_000 {
		check((rng.Uint64()>>11|1<<52)*2+1, 0)
		check(((rng.Uint64()>>12|1<<51)*2+1)*5, 1)
	}
}

// A column that is constant in all rows of a piece is stored without its values, and restored
// whatever the other pieces contain.
func TestSameValues(t *testing.T) {
	for _, v := range []float64{0, -1, 7.25, 70000, 1e300} {
		var b strings.Builder
		b.WriteString("Dst Port,Protocol,Timestamp,Same,Mixed,Label\n")
		for i := range 120_000 { // more than one piece
			mixed := v
			if i >= 90_000 {
				mixed = float64(i % 7)
			}
			b.WriteString("80,6,14/02/2018 08:31:01," + strconv.FormatFloat(v, 'f', -1, 64) + "," +
				strconv.FormatFloat(mixed, 'f', -1, 64) + ",Benign\n")
		}
		s := mustLoad(t, keeping(Options{}), written(t, "a.csv", b.String()))
		same, mixed := s.Float64s("Same"), s.Float64s("Mixed")
		for i := range same {
			want := v
			if i >= 90_000 {
				want = float64(i % 7)
			}
			if same[i] != v || mixed[i] != want {
				t.Fatalf("row %d: %v and %v, want %v and %v", i, same[i], mixed[i], v, want)
			}
		}
	}
}

func TestDigits(t *testing.T) {
	for text, want := range map[string]string{
		"12345678":                   "8 12345678",
		"1234567,":                   "7 1234567",
		"0,345678":                   "1 0",
		",1234567":                   "0 0",
		"99999999":                   "8 99999999",
		"007.0000":                   "3 7",
		"12\x00\x00\x00\x00\x00\x00": "2 12",
		"5\xff\xff\xff9999":          "1 5",
		"/1234567":                   "0 0",
		"1:234567":                   "1 1",
		"60-00000":                   "2 60",
	} {
		n, v := digits(binary.LittleEndian.Uint64([]byte(text)))
		if got := fmt.Sprint(n, v); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
