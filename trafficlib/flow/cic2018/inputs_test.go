package cic2018

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// simulated writes a file in the published format.
func simulated(t testing.TB, f flowsim.File) (path string, text []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return written(t, "flows.csv", b.String()), b.Bytes()
}

func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const head5 = "Dst Port,Protocol,Timestamp,Tot Fwd Pkts,Label\n"

// An error is one line that names the place, and leaves no file where the table would be.
func TestBadInputs(t *testing.T) {
	row := "80,6,14/02/2018 08:31:01,3,Benign\n"
	_, text := simulated(t, flowsim.File{Rows: 9000, Seed: 3}) // more than a piece
	lines := bytes.Count(text, []byte("\n"))
	for what, c := range map[string]struct {
		text, want string
		o          Options
	}{
		"nothing":        {text: "", want: ": the file is empty"},
		"header":         {text: head5, want: ": no rows below the header"},
		"header, no end": {text: strings.TrimSpace(head5), want: ": no rows below the header"},
		"cut": {text: string(text[:len(text)-40]), o: keeping(Options{}),
			want: fmt.Sprintf(":%d: the file ends in the middle of this line: ", lines)},
		"cut label": {text: head5 + row + row[:len(row)-3],
			want: `:3: the file ends in the middle of this line: column "Label": "Beni"`},
		"binary": {text: "\x7fELF\x02\x01\x01\x00\x00" + string(make([]byte, 5000)),
			want: ":1: not a CSV file: byte 0x02 in its first line"},
		"binary below": {text: head5 + row + string(make([]byte, 5000)),
			want: `:3: the file ends in the middle of this line: 1 columns, want 5 as in the header`},
		"semicolons": {text: strings.ReplaceAll(head5+row, ",", ";"),
			want: `:1: no column "Label": its columns are divided by ';', want ','`},
		"semicolons below": {text: head5 + row + strings.ReplaceAll(row, ",", ";"),
			want: `:3: its columns are divided by ';', want ','`},
		"no newline": {text: strings.Repeat("x", 10<<20), want: ":1: no end of line in the first 1024 kB: not a CSV file"},
		"no newline below": {text: head5 + row + strings.Repeat("1", 10<<20),
			want: ":3: a line of more than 1024 kB: not a CSV file"},
		"gzip":     {text: "\x1f\x8b\x08\x00", want: ":1: it is compressed: unpack it first"},
		"no label": {text: "Dst Port,Protocol,Timestamp\n1,2,3\n", want: `:1: no column "Label" among its 3 columns`},
		"a word": {text: head5 + row + "80,6,14/02/2018 08:31:01,12a,Benign\n",
			want: `:3: column "Tot Fwd Pkts": "12a" is not a number`},
		"hexadecimal": {text: head5 + "80,6,14/02/2018 08:31:01,0x10,Benign\n",
			want: `:2: column "Tot Fwd Pkts": "0x10" is not a number`},
		"a time": {text: head5 + "80,6,31/02/2018 08:31:01,1,Benign\n",
			want: `:2: column "Timestamp": "31/02/2018 08:31:01" is not a time like`},
		"a port": {text: head5 + "65536,6,14/02/2018 08:31:01,1,Benign\n",
			want: `:2: column "Dst Port": 65536 is too large`},
		"no port": {text: head5 + ",6,14/02/2018 08:31:01,1,Benign\n", want: `:2: column "Dst Port": no value`},
		"columns": {text: head5 + "80,6,14/02/2018 08:31:01,1,2,Benign\n", want: ":2: 6 columns, want 5 as in the header"},
		"infinite": {text: head5 + "80,6,14/02/2018 08:31:01,Infinity,Benign\n", o: Options{Missing: table.Keep},
			want: `:2: column "Tot Fwd Pkts": it is not finite`},
		"missing": {text: head5 + row + "80,6,14/02/2018 08:31:01,,Benign\n", o: Options{Infinite: table.Keep},
			want: `:3: column "Tot Fwd Pkts": it is a missing value`},
		"nothing to clip": {text: head5 + "80,6,14/02/2018 08:31:01,Infinity,Benign\n", o: Options{Infinite: table.Clip},
			want: `column "total_fwd_packets": no finite value`},
		"all too early":  {text: head5 + row, o: Options{Since: in2018.AddDate(9, 0, 0)}, want: ": none of 1 rows is kept"},
		"no such policy": {text: head5 + row, o: Options{Missing: table.Clip}, want: "missing values cannot be clipped"},
	} {
		path, dst := written(t, "day.csv", c.text), filepath.Join(t.TempDir(), "flows.arrow")
		_, err := Load(quiet(), dst, c.o, path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "cic2018: ") ||
			strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
			t.Errorf("%s: got %v, want … %s", what, err, c.want)
		}
		if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
			t.Errorf("%s: %s was left", what, left[0].Name())
		}
	}
}

// Unusual but valid files are read: with a byte order mark, Windows line endings, blanks, quotes,
// other spellings of names and labels, an exponent, or no newline at the end.
func TestOddInputs(t *testing.T) {
	text := "\xef\xbb\xbf destination port , Protocol,timestamp , Tot Fwd Pkts, Tot Fwd Pkts,,LABEL \r\n" +
		"80,6,14/02/2018 08:31:01,3,1e2,0,Web Attack \x96 XSS\r\n" +
		"\r\n" +
		" 443 ,17.0,4/3/2017 8:31, 0.5 ,-7.25,1,BENIGN\r\n" +
		"destination port,Protocol,timestamp,Tot Fwd Pkts,Tot Fwd Pkts,,LABEL\r\n" +
		"\"22\",6,2018-02-14 08:31:01.25,\"5\",12345678901234567890,2,Web Attack \u2013 XSS\r\n" +
		"22,6,14/02/2018 08:31:01 PM,NaN,-Infinity,3,web attack"
	s := mustLoad(t, keeping(Options{}), written(t, "odd.csv", text))
	if got, want := s.Rows(0, 4, "destination port", "Tot Fwd Pkts", "Tot Fwd Pkts.1", "LABEL").String(), table.New(
		table.Col("destination port", []int64{80, 443, 22, 22}),
		table.Col("Tot Fwd Pkts", []float32{3, 0.5, 5, float32(math.NaN())}),
		table.Col("Tot Fwd Pkts.1", []float32{100, -7.25, 12345678901234567890, float32(math.Inf(-1))}),
		table.Col("LABEL", []string{"Web Attack - XSS", "Benign", "Web Attack - XSS", "web attack"})).String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var times []string
	for _, x := range s.Times(0, 4) {
		times = append(times, x.Format("2006-01-02 15:04:05.00"))
	}
	if got, want := strings.Join(times, ", "),
		"2018-02-14 08:31:01.00, 2017-03-04 08:31:00.00, 2018-02-14 08:31:01.25, 2018-02-14 20:31:01.00"; got != want {
		t.Errorf("times %s, want %s", got, want)
	}
	r := s.Report()
	f := r.Files[0]
	if f.Empty != 1 || !slices.Equal(f.Lines, []int{5}) || !slices.Equal(f.Out, []string{"column 6"}) ||
		!slices.Equal(f.Twice, []string{"Tot Fwd Pkts.1"}) ||
		r.Missing["total_fwd_packets"] != 1 || r.Infinite["Tot Fwd Pkts.1"] != 1 || len(r.Labels) != 2 {
		t.Errorf("report\n%s", r)
	}
}

func TestPolicies(t *testing.T) {
	text := head5
	for _, v := range []string{"3", "Infinity", "9", "", "-Infinity", "5"} {
		text += "80,6,14/02/2018 08:31:01," + v + ",Benign\n"
	}
	path := written(t, "day.csv", text)
	for _, c := range []struct {
		o    Options
		want string
		typ  string
	}{
		{keeping(Options{}), "[3 +Inf 9 NaN -Inf 5]", "float32"},
		{Options{Missing: table.Skip, Infinite: table.Skip}, "[3 9 5]", "uint8"},
		{Options{Missing: table.Skip, Infinite: table.Clip}, "[3 9 9 3 5]", "uint8"},
		{Options{Missing: table.Fill, Infinite: table.Clip}, "[3 9 9 2 3 5]", "uint8"},
		{Options{Missing: table.Keep, Infinite: table.Fill}, "[3 2 9 NaN 2 5]", "float32"},
	} {
		s := mustLoad(t, c.o, path)
		if got := fmt.Sprint(s.Float64s("Tot Fwd Pkts")); got != c.want || s.Type("Tot Fwd Pkts") != c.typ {
			t.Errorf("missing %v, infinite %v: %s of %s, want %s of %s",
				c.o.Missing, c.o.Infinite, got, s.Type("Tot Fwd Pkts"), c.want, c.typ)
		}
	}
	s := mustLoad(t, keeping(Options{SkipBad: true}),
		written(t, "bad.csv", text+"80,6,14/02/2018 08:31:01,x,Benign\n80,6\n"))
	if f := s.Report().Files[0]; s.NumRows() != 6 || !slices.Equal(f.BadAt, []int{8, 9}) ||
		f.BadWhy != `column "Tot Fwd Pkts": "x" is not a number` {
		t.Errorf("%d rows, %+v", s.NumRows(), f)
	}
}

// The external sort equals a stable sort of all rows, over many pieces and files.
func TestSortIsStable(t *testing.T) {
	var paths []string
	for k := range 3 {
		path, _ := simulated(t, flowsim.File{Rows: 15000, Seed: uint64(k), Days: 1 + k, Headers: 2, Old: 5})
		paths = append(paths, path)
	}
	plain, sorted := mustLoad(t, keeping(Options{}), paths...), mustLoad(t, keeping(Options{Sort: true}), paths...)
	n := plain.NumRows()
	if n != 45000 || sorted.NumRows() != n {
		t.Fatalf("%d and %d rows", n, sorted.NumRows())
	}
	times := plain.Times(0, n)
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	slices.SortStableFunc(perm, func(a, b int) int { return times[a].Compare(times[b]) })
	for _, name := range append(plain.Numbers(), "Dst Port", "Protocol") {
		a, b := plain.Float64s(name), sorted.Float64s(name)
		for i, from := range perm {
			if cmp.Compare(a[from], b[i]) != 0 {
				t.Fatalf("column %q, row %d: %v, want %v", name, i, b[i], a[from])
			}
		}
	}
	a, b := plain.Codes(0, n), sorted.Codes(0, n)
	for i, from := range perm {
		if a[from] != b[i] {
			t.Fatalf("row %d: another label", i)
		}
	}
	var sum int64
	for _, c := range table.Values[int64](sorted.LabelCounts(), "flows") {
		sum += c
	}
	if sum != int64(n) {
		t.Errorf("%d labels of %d rows", sum, n)
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]string{
		"14/02/2018 08:31:01":    "2018-02-14 08:31:01",
		"29/02/2016 23:59:59":    "2016-02-29 23:59:59",
		"01/01/1970 00:00:00":    "1970-01-01 00:00:00",
		"31/12/1969 12:00:00":    "1969-12-31 12:00:00",
		"3/7/2017 8:05":          "2017-07-03 08:05:00",
		"14/02/2018 12:31:01 AM": "2018-02-14 00:31:01",
		"29/02/2018 08:31:01":    "",
		"14/13/2018 08:31:01":    "",
		"14/02/2018":             "",
		"14/02/2018 24:00:00":    "",
		"14/02/18 08:00:00":      "",
		"":                       "",
		"x":                      "",
		"14/02/2018 08:31:01x":   "",
	} {
		at, _, ok := parseTime([]byte(text))
		if got := time.UnixMicro(at).UTC().Format("2006-01-02 15:04:05"); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s, %v, want %s", text, got, ok, want)
		}
	}
	path := written(t, "day.csv", head5+"80,6,14/02/2018 12:31:01,3,Benign\n"+
		"80,6,14/02/2018 01:31:01,3,Benign\n80,6,14/02/2018 09:31:01,3,Benign\n")
	s := mustLoad(t, Options{Afternoon: true, Sort: true}, path)
	if times := s.Times(0, 3); times[0].Hour() != 9 || times[1].Hour() != 12 || times[2].Hour() != 13 ||
		!s.Report().Repaired {
		t.Errorf("hours of the afternoon: %v", times)
	}
}

func TestAttempted(t *testing.T) {
	head := "Dst Port,Protocol,Timestamp,TotLen Fwd Pkts,Label\n"
	text := head
	for _, v := range []string{"0,Bot", "7,Bot", "0,Benign", "0,Infilteration", "0,Bot - Attempted"} {
		text += "80,6,14/02/2018 08:31:01," + v + "\n"
	}
	s := mustLoad(t, Options{Attempted: true}, written(t, "day.csv", text))
	got, want := fmt.Sprint(s.LabelCounts().Strings("label")), "[Bot - Attempted Benign Bot Infilteration]"
	if got != want || first(s) != "Bot - Attempted 2" || s.Report().Attempts != 1 {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if attack, yes := Attempted("Bot - Attempted"); attack != "Bot" || !yes {
		t.Errorf("%q, %v", attack, yes)
	}
	if _, err := Load(quiet(), filepath.Join(t.TempDir(), "a"), Options{Attempted: true},
		written(t, "day.csv", head5+"80,6,14/02/2018 08:31:01,1,Bot\n")); err == nil {
		t.Error("without the column that tells it: no error")
	}
}

// A second load only maps the file. The file is rebuilt when the sources, the options or the file
// itself have changed.
func TestCache(t *testing.T) {
	path, dst := written(t, "day.csv", head5+"80,6,14/02/2018 08:31:01,3,Benign\n"),
		filepath.Join(t.TempDir(), "flows.arrow")
	load := func(what string, o Options, cached bool, why string) {
		t.Helper()
		s, err := Load(quiet(), dst, o, path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.Cached != cached || !strings.Contains(s.Why, why) || (why == "") != (s.Why == "") {
			t.Errorf("%s: cached %v, %q, want %v, %q", what, s.Cached, s.Why, cached, why)
		}
	}
	load("first", Options{}, false, "")
	load("again", Options{}, true, "")
	load("other options", Options{Sort: true}, false, "other options")
	later := time.Now().Add(time.Hour)
	os.Chtimes(path, later, later)
	load("touched", Options{Sort: true}, true, "")
	os.WriteFile(path, []byte(head5+"80,6,14/02/2018 08:31:01,4,Benign\n"), 0o666)
	load("changed", Options{Sort: true}, false, "has changed")
	os.WriteFile(path, []byte(head5+"80,6,14/02/2018 08:31:01,44,Benign\n"), 0o666)
	load("longer", Options{Sort: true}, false, "bytes, had")
	whole, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(dst, whole[:len(whole)/2], 0o666)
	load("half a table", Options{Sort: true}, false, "not an Arrow file")
	load("again at last", Options{Sort: true}, true, "")
}

func TestStopped(t *testing.T) {
	path, _ := simulated(t, flowsim.File{Rows: 20000})
	ctx, stop := context.WithCancel(quiet())
	stop()
	dst := filepath.Join(t.TempDir(), "flows.arrow")
	if _, err := Load(ctx, dst, Options{}, path); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(dst)); len(left) > 0 {
		t.Errorf("%s was left", left[0].Name())
	}
}
