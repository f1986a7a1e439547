package tlsfeat

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []string{
		"0", "-0", "0.0", "-0.0", "7", "65535.0", "-97.17099999999999", "0.1", "1e5", "1E-5", "12.5e+2", "3.4028234e38",
		"9007199254740992", "9007199254740993", "9007199254740991.5", "123456789012345678901234567890", "1.17549435e-38",
		"1e-50", "0.000000000000000000000000000000001", "16777217.0", "0.30000001192092896", "18446744073709551617",
	} {
		var want float64
		if err := json.Unmarshal([]byte(c), &want); err != nil {
			t.Fatal(err)
		}
		got, end, err := parseNumber([]byte(c+"]"), 0)
		if err != nil || end != len(c) || math.Float32bits(got) != math.Float32bits(float32(want)) {
			t.Errorf("%s: got %v, %d, %v, want %v", c, got, end, err, float32(want))
		}
	}
	for _, c := range []string{"", "-", "+1", ".5", "5.", "5.e1", "1e", "1e+", "01", "-01", "0x1", "NaN",
		"Infinity", "-Infinity", "null", "true", `"1"`, "1e400", "3.5e38", "-1e39"} {
		// A number that ends too early is found by the next character, which must be a comma or a
		// bracket.
		got, end, err := parseNumber([]byte(c+"]"), 0)
		if err == nil && end == len(c) {
			t.Errorf("%q is read as %v", c, got)
		}
	}
}

func TestParseSession(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"[1, 2.5], [3, -4], ", "1 2.5 3 -4"},
		{"[1,2.5],[3,-4]", "1 2.5 3 -4"},
		{" [ 1 ,\t2 ] , [3,4] ,", "1 2 3 4"},
		{"[0.0, 0.0], [9.0, 0.0], ", "0 0 9 0"},
		{"[0.0, 0.00], [10.0, 0.0]", "0 0 10 0"},
		{"", "no packets"},
		{"[1, 2, 3]", "packet 1: 3 features, want 2 as in line 1"},
		{"[1, 2], [1]", "packet 2: 1 features, want 2 as in line 1"},
		{"[1, 2], [1, 2, 3, 4", "packet 2: 4 features, want 2 as in line 1"},
		{"[1, 2], []", `packet 2: feature 0: "]" is not a number`},
		{"[1, NaN]", `packet 1: feature 1: "NaN" is not a number`},
		{"[-Infinity, 0]", `packet 1: feature 0: "-Infinity" is not a number`},
		{"[1, 1e39]", `packet 1: feature 1: "1e39" is too large for a float32`},
		{"[1, 1e999]", `packet 1: feature 1: "1e999" is too large for a float32`},
		{"[1, ]", "packet 1: feature 1: the list ends with a comma"},
		{"[1, 2, ]", "packet 1: feature 2: the list ends with a comma"},
		{"[1, , 2]", `packet 1: feature 1: "," is not a number`},
		{"[1 2]", `packet 1: feature 0: "2" after the number, want a comma`},
		{"[1, 2", "packet 1: feature 1: the line ends inside the list"},
		{"[1, ", "packet 1: feature 1: the line ends inside the list"},
		{"[", "packet 1: feature 0: the line ends inside the list"},
		{"[1, 2] [3, 4]", `packet 1: "[3" after the list, want a comma`},
		{"[1, 2],, [3, 4]", `packet 2: "," where a list should start`},
		{"[[1, 2]]", `packet 1: feature 0: "[1" is not a number`},
		{"1,2", `packet 1: "1" where a list should start`},
		{"[1, 2], x", `packet 2: "x" where a list should start`},
		{"[1, \x00\xff]", `packet 1: feature 1: "\x00\xff" is not a number`},
		{"[1, " + strings.Repeat("x", 99) + "]", `packet 1: feature 1: "xxxxxxxxxxxxxxxxxxxxxxxx"… is not a number`},
	} {
		rows, err := parseSession(nil, []byte(c.line), 2)
		got := strings.Trim(strings.ReplaceAll(jsonOf(rows), ",", " "), "[]")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}

// Runs of zeros, which are read eight at a time, keep their length wherever they end.
func TestParseZeros(t *testing.T) {
	for features := 1; features < 40; features++ {
		for other := range features {
			want := make([]float32, features)
			words := slices.Repeat([]string{"0.0"}, features)
			want[other], words[other] = 12.5, "12.5"
			line := "[" + strings.Join(words, ", ") + "], "
			got, err := parseSession(nil, []byte(line+line), features)
			if err != nil || !slices.Equal(got, slices.Concat(want, want)) {
				t.Fatalf("%q: got %v, %v", line, got, err)
			}
		}
		zeros := "[" + strings.Join(slices.Repeat([]string{"0.0"}, features+1), ", ") + "]"
		if got, err := parseSession(nil, []byte(zeros), features); err == nil {
			t.Errorf("%q: got %v, want an error: it is one too many", zeros, got)
		}
	}
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// encoding/json accepts whatever the parser accepts, with the same values.
func FuzzParseSession(f *testing.F) {
	for _, s := range []string{"[0.0, 1.0], [-2.5e3, 12], ", "[1,2]", "[1, NaN]", "[1, 2", "[1, 2, 3]",
		"[9007199254740993, 0.1]", "[,]", "[0.0, 0.0]x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got, err := parseSession(nil, line, 2)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: the error has two lines: %q", line, err)
			}
			return
		}
		var want [][]float64
		text := strings.TrimRight(strings.TrimRight(string(line), " \t"), ",")
		if err := json.Unmarshal([]byte("["+text+"]"), &want); err != nil {
			t.Fatalf("%q is read, but encoding/json says: %v", line, err)
		}
		if len(want)*2 != len(got) {
			t.Fatalf("%q: %d values, encoding/json reads %d lists", line, len(got), len(want))
		}
		for i, v := range got {
			if w := float32(want[i/2][i%2]); math.Float32bits(v) != math.Float32bits(w) {
				t.Errorf("%q: value %d is %v, want %v", line, i, v, w)
			}
		}
	})
}
