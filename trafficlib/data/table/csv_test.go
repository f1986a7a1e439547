package table

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func put(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// typesOf returns the names and types of the columns.
func typesOf(t *Table) string {
	var all []string
	for _, c := range t.columns {
		all = append(all, fmt.Sprintf("%s %v", c.name, c.Type()))
	}
	return strings.Join(all, ", ")
}

func TestReadCSV(t *testing.T) {
	path := put(t, "\xef\xbb\xbf No., Time ,Source,Syn,Info,,No.\r\n"+
		"1,0.5,10.0.0.1,True,\"a, \"\"b\"\"\",,7\r\n"+
		"2,-1e3,10.0.0.2,False,\"two\nlines\",,8\r\n")
	got, err := ReadCSV(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := New(Col("No.", []int64{1, 2}), Col("Time", []float64{0.5, -1e3}),
		Col("Source", []string{"10.0.0.1", "10.0.0.2"}),
		Col("Syn", []bool{true, false}), Col("Info", []string{`a, "b"`, "two\nlines"}), Col("column 6", []string{"", ""}),
		Col("No..1", []int64{7, 8}))
	want.report.Rows = 2
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%vwant\n%v", got, want)
	}
	if !got.Report().Empty() || got.Report().String() != "2 rows read" {
		t.Errorf("the report is %v", got.Report())
	}
}

func TestTypes(t *testing.T) {
	for cells, want := range map[string]Type{
		"1 -2 9223372036854775807": Int64,
		"1 9223372036854775808":    Float64,
		"1 2.0":                    Float64,
		"007":                      Int64,
		"true FALSE True":          Bool,
		"true 1":                   String,
		"1 x":                      String,
		"0x10":                     String,
		"1_000":                    String,
		"1970-01-01":               String,
		"t":                        String,
	} {
		got, err := ReadCSV(put(t, "a,b\n"+strings.ReplaceAll(cells, " ", ",\n")+",\n"), Options{})
		if err != nil || got.Column("a").Type() != want {
			t.Errorf("%q: %v, %v, want %v", cells, got, err, want)
		}
	}
	o := Options{
		Comma: ';', TimeLayout: "02/01/2006 15:04:05", Columns: []string{"t", "f", "s"},
		Types: map[string]Type{"t": Time, "f": Float32, "s": String},
	}
	got, err := ReadCSV(put(t, "s;f;x;t\n1; 0.1 ;no;10/01/1970 03:04:26\n"), o)
	if err != nil {
		t.Fatal(err)
	}
	if s := typesOf(got); s != "t time, f float32, s string" {
		t.Errorf("types %s", s)
	}
	if v := Values[time.Time](got, "t")[0]; !v.Equal(time.Date(1970, 1, 10, 3, 4, 26, 0, time.UTC)) {
		t.Errorf("the time is %v", v)
	}
	if v := Values[float32](got, "f")[0]; v != 0.1 {
		t.Errorf("the float is %v", v)
	}
}

func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		text string
		o    Options
		want string
	}{
		{"", Options{}, ": the file is empty"},
		{"\xef\xbb\xbf", Options{}, ": the file is empty"},
		{"a,b\n", Options{}, ": no rows below the header"},
		{"a,b\n1,2\n3\n", Options{}, ":3: 1 columns, want 2 as in the header"},
		{"a,b\n1,2,3\n", Options{}, ":2: 3 columns, want 2 as in the header"},
		{"a,b\n1,2\na,b\n", Options{}, ":3: the header once more"},
		{"a,b\n1,2\n\n\n3,\n4,\n", Options{Types: map[string]Type{"b": Int64}}, `:5: column "b": no value`},
		{"a\n1.5\nNaN\n", Options{}, `:3: column "a": "NaN" is a missing value`},
		{"a,b\n1.5,x\n,x\n", Options{}, `:3: column "a": no value`},
		{"a\n1.5\n-Infinity\n", Options{}, `:3: column "a": "-Infinity" is not finite`},
		{"a\n1e999\n", Options{}, `:2: column "a": "1e999" is not finite`},
		{"a\n1e39\n", Options{Types: map[string]Type{"a": Float32}}, `:2: column "a": "1e39" is not finite`},
		{"Length\n1\n12a\n", Options{Types: map[string]Type{"Length": Float64}},
			`:3: column "Length": "12a" is not a number`},
		{"a\n1.5\n", Options{Types: map[string]Type{"a": Int64}}, `:2: column "a": "1.5" is not a whole number of 64 bits`},
		{"a\nyes\n", Options{Types: map[string]Type{"a": Bool}}, `:2: column "a": "yes" is neither true nor false`},
		{"a\nnow\n", Options{Types: map[string]Type{"a": Time}},
			`:2: column "a": "now" is not a time like "2006-01-02T15:04:05Z07:00"`},
		{"a\n" + strings.Repeat("x", 99), Options{Types: map[string]Type{"a": Int64}},
			`:2: column "a": "` + strings.Repeat("x", 40) + `"… is not a whole number of 64 bits`},
		{"a,b\n1,\"2\n", Options{}, `:2: extraneous or missing " in quoted-field`},
		{"a,b\n1,2\"\n", Options{}, `:2: bare " in non-quoted-field`},
		{"a,b\n1,2\n", Options{Columns: []string{"c"}}, `: no column "c": there are ["a" "b"]`},
		{"a,b\n1,2\n", Options{Columns: []string{"a", "a"}}, `: column "a" is asked for twice`},
		{"a,b\n1,2\n", Options{Types: map[string]Type{"c": Int64}}, `: no column "c": there are ["a" "b"]`},
		{"a,b\n1,2\nx\n", Options{Policy: Keep}, ":3: 1 columns, want 2 as in the header"},
		{"a\ninf\n-inf\n", Options{Policy: Clip}, `: column "a": no finite value to clip to`},
		{"a\nnan\n-inf\n", Options{Policy: Fill}, `: column "a": no finite value to fill with`},
		{"a\n1.5\nnan\n", Options{Policy: Clip}, `:3: column "a": "nan" is a missing value`},
	} {
		path := put(t, c.text)
		_, err := ReadCSV(path, c.o)
		if want := "table: " + path + c.want; err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want %s", c.text, err, want)
		}
	}
	if _, err := ReadCSV(filepath.Join(t.TempDir(), "absent"), Options{}); err == nil ||
		!strings.HasPrefix(err.Error(), "table: open ") {
		t.Errorf("an absent file: %v", err)
	}
}

func TestPolicies(t *testing.T) {
	const text = "rate,label\n1.5,a\nInfinity,b\nrate,label\n-2,c\n,d\n-inf,e\n"
	o := Options{Types: map[string]Type{"rate": Float64}}
	for _, c := range []struct {
		p      Policy
		text   string
		values string
		report string
	}{
		{Skip, text + "1\nx,f\n", "[1.5 -2]", "8 rows read; 6 skipped (lines 3, 4, 6, 7, 8 and 1 more)"},
		{Keep, text, "[1.5 +Inf -2 NaN -Inf]",
			`6 rows read; 1 skipped (lines 4); column "rate": 3 missing or infinite values kept`},
		{Fill, text, "[1.5 -3 -2 -3 -3]",
			`6 rows read; 1 skipped (lines 4); column "rate": 3 missing or infinite values filled`},
		{Clip, strings.ReplaceAll(text, ",d", "0,d"), "[1.5 1.5 -2 0 -2]",
			`6 rows read; 1 skipped (lines 4); column "rate": 2 infinities clipped`},
	} {
		o.Policy = c.p
		got, err := ReadCSV(put(t, c.text), o)
		if err != nil {
			t.Errorf("policy %d: %v", c.p, err)
			continue
		}
		if v := fmt.Sprint(got.Float64s("rate")); v != c.values || got.NumRows() != len(got.Strings("label")) {
			t.Errorf("policy %d: %s, want %s", c.p, v, c.values)
		}
		if got.Report().String() != c.report || got.Report().Empty() {
			t.Errorf("policy %d: %v, want %s", c.p, got.Report(), c.report)
		}
	}
	// The text of a row that is skipped does not count.
	got, err := ReadCSV(put(t, "label,rate\nWeb Attack \x96 XSS,1.5\n\x96,nan\n"), Options{Policy: Skip})
	if err != nil || got.Strings("label")[0] != "Web Attack \ufffd XSS" || got.Report().Replaced["label"] != 1 {
		t.Errorf("Latin-1: %v, %v", got, err)
	}
}

// These 180 real rows of CSE-CIC-IDS2018 repeat the header three times and contain ten infinite
// rates.
func TestRealFlows(t *testing.T) {
	path := shareddata.Dir(t, "cse_cic_ids2018_80col", "derived_validation_repeated_headers.csv")
	_, err := ReadCSV(path, Options{})
	if want := ":42: the header once more"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	got, err := ReadCSV(path,
		Options{Policy: Keep, Types: map[string]Type{"Timestamp": Time}, TimeLayout: "02/01/2006 15:04:05"})
	if err != nil {
		t.Fatal(err)
	}
	report := got.Report()
	if got.NumRows() != 180 || report.Rows != 183 || len(got.Names()) != 80 || report.Kept["Flow Pkts/s"] != 10 ||
		report.Kept["Flow Byts/s"] != 10 {
		t.Errorf("%d rows, %d columns, report %v", got.NumRows(), len(got.Names()), report)
	}
	labels := got.Counts("Label")
	if labels.NumRows() != 15 || labels.Strings("Label")[0] != "Benign" || Values[int64](labels, "count")[0] != 40 {
		t.Errorf("labels:\n%v", labels)
	}
	later := got.Where(func(r Row) bool { return r.Time("Timestamp").Year() == 2018 })
	if later.NumRows() != 170 {
		t.Errorf("%d rows of 2018, want 170", later.NumRows())
	}
}

// Rows of another kind are left out before their cells are parsed, and a file can have its own
// words for true and false.
func TestRowsAndWords(t *testing.T) {
	path := put(t, "Time,Protocol,Syn\n0.5,TCP,Set\n0.6,ARP,\n0.7,TCP,Not set\n0.8,UDP,\n")
	o := Options{
		True: []string{"Set"}, False: []string{"Not set"},
		Rows: func(cell func(string) string) bool { return cell("Syn") != "" && cell("no such column") == "" },
	}
	got, err := ReadCSV(path, o)
	if err != nil {
		t.Fatal(err)
	}
	if v := Values[bool](got, "Syn"); !reflect.DeepEqual(v, []bool{true, false}) {
		t.Errorf("Syn is %v", v)
	}
	if r := got.Report(); r.Rows != 4 || r.Left != 2 || !r.Empty() ||
		r.String() != "4 rows read; 2 of another kind left out" {
		t.Errorf("the report is %v", r)
	}
	o.Rows = func(func(string) string) bool { return false }
	if _, err := ReadCSV(path, o); err == nil ||
		err.Error() != "table: "+path+": none of 4 rows is of the kind that is read" {
		t.Errorf("no row is wanted: %v", err)
	}
	o.Rows, o.Types = nil, map[string]Type{"Syn": Bool}
	if _, err := ReadCSV(path, o); err == nil || err.Error() != "table: "+path+`:3: column "Syn": no value` {
		t.Errorf("an empty flag: %v", err)
	}
}

func TestHeader(t *testing.T) {
	path := put(t, "\xef\xbb\xbfa; b ;;a\n1;2\n")
	if got, err := Header(path, Options{Comma: ';'}); err != nil ||
		!reflect.DeepEqual(got, []string{"a", "b", "column 3", "a.1"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Header(put(t, ""), Options{}); err == nil || !strings.HasSuffix(err.Error(), "the file is empty") {
		t.Errorf("an empty file: %v", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n3,x\n", uint8(0))
	f.Add("a,a\n1.5,\n,inf\n", uint8(1))
	f.Add("\xef\xbb\xbfa;b\n\"1\n\",true\n", uint8(3))
	f.Fuzz(func(t *testing.T, text string, policy uint8) {
		path := put(t, text)
		got, err := ReadCSV(path, Options{Policy: Policy(policy % 5)})
		if err != nil {
			return
		}
		if _, err := got.MIME(); err != nil {
			t.Error(err)
		}
		for _, c := range got.columns {
			if c.Len() != got.NumRows() {
				t.Errorf("column %q has %d of %d rows", c.name, c.Len(), got.NumRows())
			}
		}
		saved := path + ".arrow"
		if err := got.Save(saved); err != nil {
			t.Fatal(err)
		}
		again, err := Open(saved)
		if err != nil || again.String() != got.String() || typesOf(again) != typesOf(got) {
			t.Errorf("saved and opened:\n%v%v, want\n%v", again, err, got)
		}
	})
}
