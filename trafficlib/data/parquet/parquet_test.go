package parquet

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
)

// flow is a row as pandas writes it: names with blanks, missing values, times, dictionaries.
type flow struct {
	Port     *int64    `parquet:"Destination Port,optional"`
	Protocol uint8     `parquet:"Protocol"`
	Time     time.Time `parquet:"Timestamp,timestamp(microsecond)"`
	Duration int64     `parquet:"Flow Duration"`
	Rate     float64   `parquet:"Flow Bytes/s"`
	Mean     *float32  `parquet:"Fwd Packet Length Mean,optional"`
	Good     bool      `parquet:"Good"`
	Huge     uint64    `parquet:"Huge"`
	Cents    int64     `parquet:"Cents,decimal(2:12)"`
	Label    string    `parquet:"Label,dict"`
}

func file(t testing.TB, rows any) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch rows := rows.(type) {
	case []flow:
		err = parquet.Write(&b, rows, parquet.Compression(&parquet.Snappy))
	case []struct{ List []int64 }:
		err = parquet.Write(&b, rows)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func at[T any](v T) *T { return &v }

var day = time.Date(2018, 2, 14, 8, 31, 1, 500_000, time.UTC)

// Every value is written in the form that the readers of flows expect.
func TestValues(t *testing.T) {
	rows := []flow{
		{at(int64(443)), 6, day, -5, math.Inf(1), at(float32(0.1)), true, math.MaxUint64, -5, `Web Attack, "XSS"`},
		{nil, 200, day.Truncate(time.Second), 7, math.NaN(), nil, false, 0, 1234, "BENIGN"},
		{at(int64(0)), 0, time.Unix(0, 0), 0, 2e300, at(float32(-3)), false, 1, 0, ""},
	}
	made, notice, err := ToCSV(t.Context(), t.TempDir(), put(t, "day.parquet", file(t, rows)))
	if err != nil || notice != "" || len(made) != 1 || filepath.Base(made[0]) != "day.csv" {
		t.Fatalf("%v, %q, %v", made, notice, err)
	}
	got, err := os.ReadFile(made[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `Destination Port,Protocol,Timestamp,Flow Duration,Flow Bytes/s,Fwd Packet Length Mean,Good,Huge,Cents,Label
443,6,2018-02-14 08:31:01.000500,-5,+Infinity,0.1,1,18446744073709551615,-0.05,"Web Attack, ""XSS"""
,200,2018-02-14 08:31:01,7,,,0,0,12.34,BENIGN
0,0,1970-01-01 00:00:00,0,2e+300,-3,0,1,0.00,
`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// Files of both kinds can be mixed, and unreadable ones are named.
func TestToCSV(t *testing.T) {
	good := file(t, []flow{{Label: "BENIGN", Time: day}})
	csv := put(t, "a.csv", []byte("x\n1\n"))
	dir := t.TempDir()
	made, notice, err := ToCSV(t.Context(), dir, csv, put(t, "one.parquet", good),
		put(t, "cut.parquet", good[:len(good)/2]), put(t, "empty.parquet", nil),
		put(t, "nameless", good), put(t, "list.parquet", file(t, []struct{ List []int64 }{{[]int64{1}}})))
	if err != nil || len(made) != 3 || made[0] != csv || !strings.HasPrefix(notice, "3 files left out: ") ||
		strings.Count(notice, "\n") != 1 {
		t.Fatalf("%q, %q, %v", made, notice, err)
	}
	for _, want := range []string{"cut.parquet: ", "empty.parquet: ", `list.parquet: column "List" is a list`} {
		if !strings.Contains(notice, want) {
			t.Errorf("%s\nwant %s", notice, want)
		}
	}
	for want, paths := range map[string][]string{
		"none of 2 files can be read: ": {put(t, "a.parquet", nil), put(t, "b.parquet", []byte("PAR1PAR1"))},
		"cut.parquet: ":                 {put(t, "cut.parquet", good[:40])},
		"no such file":                  {filepath.Join(dir, "gone.parquet")},
	} {
		if _, _, err := ToCSV(t.Context(), dir, paths...); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := ToCSV(done, dir, put(t, "one.parquet", good)); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// The readers of flows read the result.
func TestReaders(t *testing.T) {
	var rows []flow
	for i := range 3000 {
		rows = append(rows,
			flow{at(int64(i % 100)), 6, day.Add(time.Duration(i) * time.Second), int64(i), float64(i) / 3, at(float32(i)), true,
				1, 1, []string{"BENIGN", "DDoS"}[i%2]})
	}
	made, _, err := ToCSV(t.Context(), t.TempDir(), put(t, "day.parquet", file(t, rows)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := cic2018.Load(t.Context(), filepath.Join(t.TempDir(), "x.arrow"),
		cic2018.Options{Sort: true, Missing: table.Keep}, made...)
	if err != nil || s.NumRows() != 3000 || len(s.Labels()) != 2 || s.Float64s("flow_duration")[2999] != 2999 {
		t.Fatalf("%v, %v", s, err)
	}
	s.Close()
}

// Any bytes yield either a CSV file or an error.
func FuzzToCSV(f *testing.F) {
	f.Add(file(f, []flow{{Label: "BENIGN", Time: day}, {Label: "x"}}))
	f.Add(file(f, []struct{ List []int64 }{{[]int64{1}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		var out bytes.Buffer
		if err := guarded(t.Context(), &out, bytes.NewReader(data), int64(len(data)), "x"); err == nil && out.Len() == 0 {
			t.Error("no header")
		}
	})
}
