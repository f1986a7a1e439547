package cic2017

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenvtest"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// one is a record with all columns and all that Splunk adds.
func one(label string) (r results.Record) {
	for _, name := range append(slices.Clone(Meta), Columns...) {
		value := []string{"1"}
		switch name {
		case Label:
			value = []string{label}
		case "fwd_header_length":
			value = []string{"1408", "1408"}
		case "source_ip", "destination_ip":
			value = []string{"10.0.0.1"}
		case "flow_bytes_per_s":
			value = []string{"Infinity"}
		case "external_ip":
			continue
		}
		r = append(r, results.Field{Name: name, Values: value})
	}
	return r
}

// TestScrub: each name goes on its own, whichever the others are, and 83 columns stay.
func TestScrub(t *testing.T) {
	if len(Columns) != 83 || len(Meta) != 28 || len(Features()) != 79 {
		t.Errorf("%d columns, %d of Splunk, %d features", len(Columns), len(Meta), len(Features()))
	}
	all := []results.Record{one("BENIGN"), one("DDoS")}
	all[1] = append(all[1], results.Field{Name: "external_ip", Values: []string{"8.8.8.8"}})
	all[0] = slices.DeleteFunc(all[0], func(f results.Field) bool { return f.Name == "_subsecond" || f.Name == "date_second" }) // what stopped the original
	slices.Reverse(all[0])
	f := From(all).Scrub()
	if !reflect.DeepEqual(f.Names(), Columns) || f.NumRows() != 2 {
		t.Errorf("%d rows of %q", f.NumRows(), f.Names())
	}
	if f.Values(0, "external_ip") != nil || f.Values(1, "external_ip")[0] != "8.8.8.8" {
		t.Errorf("external_ip %v, %v", f.Values(0, "external_ip"), f.Values(1, "external_ip"))
	}
	for name, want := range map[string]string{"fwd_header_length": "[1408, 1408]", "flow_bytes_per_s": "+Inf", "protocol": "1"} {
		if got := f.Table().Strings(name)[0]; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if x := f.Numbers().Float64s("fwd_header_length"); x[0] != 1408 {
		t.Errorf("fwd_header_length %v", x)
	}
}

// TestReal: the real flows, in the seed's columns, from the records and from the CSV files, are the same.
func TestReal(t *testing.T) {
	dir := shareddata.Dir(t, "cicids2017_85col")
	fromJSON, err := Read(filepath.Join(dir, "derived_netflows_records.json"))
	if err != nil {
		t.Fatal(err)
	}
	fromCSV, err := Read(filepath.Join(dir, "Friday-WorkingHours-Afternoon-DDos.pcap_ISCX_first299_BENIGN.csv"), filepath.Join(dir, "baseline_ddos.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if fromJSON.NumRows() != 799 || fromCSV.NumRows() != 1299 {
		t.Errorf("%d and %d flows", fromJSON.NumRows(), fromCSV.NumRows())
	}
	// The header of the seed, less its index and date_second.
	seed := strings.Fields(`ack_flag_count act_data_pkt_fwd active_max`)
	for _, f := range []*Flows{fromJSON, fromCSV} {
		if !reflect.DeepEqual(f.Names(), Columns) || !reflect.DeepEqual(f.Names()[:3], seed) || f.Names()[82] != "external_ip" {
			t.Errorf("columns %q", f.Names())
		}
	}
	for i := range 799 {
		for _, name := range Columns {
			a, b := fromJSON.Values(i, name), fromCSV.Values(i, name)
			if name == "external_ip" {
				continue // "" in one, and none in the other
			}
			if !reflect.DeepEqual(a, b) {
				t.Fatalf("flow %d: %s is %q and %q", i, name, a, b)
			}
		}
	}
	for name, want := range map[string]int{"baseline_portscan.csv": 1000, "baseline_xss.csv": 652, "baseline_sqli.csv": 21} {
		f, err := Read(filepath.Join(dir, name))
		if err != nil || f.NumRows() != want {
			t.Fatalf("%s: %v, %v", name, f, err)
		}
		if label := f.Values(0, Label)[0]; strings.ContainsAny(label, "\ufffd\u0096") || name != "baseline_portscan.csv" && !strings.Contains(label, "Web Attack - ") {
			t.Errorf("%s: label %q", name, label)
		}
	}
}

// TestSeedOrder holds the columns against the header that the seed shows.
func TestSeedOrder(t *testing.T) {
	dir := shareddata.Dir(t, "..", "seeds")
	paths, err := filepath.Glob(filepath.Join(dir, "004_*.txt"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v, %v", paths, err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "Unnamed: 0,"); ok {
			header := slices.DeleteFunc(strings.Split(rest, ","), func(name string) bool { return name == "date_second" })
			if !reflect.DeepEqual(header, Columns) {
				t.Errorf("the seed has %q", header)
			}
			return
		}
	}
	t.Error("the seed has no header")
}

// TestRefused: what can not be read is told with file, line or record, column and value.
func TestRefused(t *testing.T) {
	var header, row []string
	for _, name := range append(slices.Clone(Columns), "flow_id", "fwd_header_length.1") {
		header, row = append(header, strings.ReplaceAll(name, "_", " ")), append(row, "1")
	}
	h, r := strings.Join(header, ",")+"\n", strings.Join(row, ",")+"\n"
	bad := one("BENIGN")
	for i := range bad {
		if bad[i].Name == "flow_duration" {
			bad[i].Values = []string{"long"}
		}
	}
	list := func(records ...results.Record) string {
		var b strings.Builder
		if err := results.Write(&b, records); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, test := range []struct{ name, text, want string }{
		{"a.csv", h + r + strings.Replace(r, "1,1", "1,many", 1), `a.csv:3: column "act_data_pkt_fwd": "many" is not a number`},
		{"a.csv", h + "1,2\n", "a.csv:2: wrong number of fields"},
		{"a.csv", "a,b\n1,2\n", `a.csv: no column "label": these are no netflows`},
		{"a.csv", "", "the file is empty"},
		{"a.csv", h, "no flows"},
		{"a.csv", "a,a\n1,2\n", `a.csv:1: two columns "a"`},
		{"a.csv", h + strings.Replace(r, "1", "\"1", 1), "a.csv:2:"},
		{"a.json", list(), "no flows"},
		{"a.json", list(one("BENIGN"), bad), `a.json: record 2: column "flow_duration": "long" is not a number`},
		{"a.json", list(slices.DeleteFunc(one("x"), func(f results.Field) bool { return f.Name == Label })), `a.json: no column "label"`},
		{"a.json", list(one("NeedManualLabel"), one("")), "a.json: no flow has a label"},
		{"a.json", list(one("BENIGN"))[:99], "a.json: record 1: the answer ends before its last row"},
		{"a.json", "<html>", `a.json: record 1: the answer is no JSON: it begins with "<html>"`},
		{"a.json", `{"label":{"0":"BENIGN"},"x":{"1":"2"}}`, `column "x" has a row "1"`},
		{"a.json", `{"label":{"0":"BENIGN","1":"x"},"x":{"0":"2"}}`, `column "x" has 1 rows, others have 2`},
		{"a.json", `{"label":{"a":"BENIGN"}}`, `row "a" has no number`},
		{"a.json", `{"label":{"0":"BENIGN"`, "unexpected EOF"},
		{"a.json", `{"label":["BENIGN"]}`, "want {column: {row: value}}"},
		{"a.json.gz", "\x1f\x8bxx", "a.json.gz: "},
	} {
		path := filepath.Join(t.TempDir(), test.name)
		if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %q", test.text, err, test.want)
		}
	}
	if _, err := Read(); err == nil {
		t.Error("no files are read")
	}
}

// TestPandas: pandas reads what SaveJSON wrote, and Read what pandas wrote.
func TestPandas(t *testing.T) {
	python := pyenvtest.Need(t, "test-splunk", "../../internal/splunksim/testdata/requirements.txt")
	records := []results.Record{one("BENIGN"), one("DDoS"), one("Web Attack – \"x\"")}
	records[2] = append(records[2], results.Field{Name: "external_ip", Values: []string{"8.8.8.8"}})
	for i := range records[1] {
		if records[1][i].Name == "flow_duration" {
			records[1][i].Values = []string{"16600000.5"}
		}
	}
	want := From(records).Scrub()
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "netflows_cic.json"), filepath.Join(dir, "pandas.json")
	if err := want.SaveJSON(ours); err != nil {
		t.Fatal(err)
	}
	out, err := pyenv.Output(python, "-c", `
import json, sys
import pandas as pd
df = pd.read_json(sys.argv[1])
df.to_json(sys.argv[2])
print(json.dumps({"shape": df.shape, "names": list(df.columns), "label": list(df["label"]), "duration": list(df["flow_duration"]),
                  "pair": df["fwd_header_length"][0], "ip": [None if pd.isna(x) else x for x in df["external_ip"]]}))`, ours, theirs)
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Shape    []int
		Names    []string
		Label    []string
		Duration []float64
		Pair     []string
		IP       []*string
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(told.Shape, []int{3, 83}) || !reflect.DeepEqual(told.Names, Columns) || told.Label[2] != "Web Attack - \"x\"" ||
		!reflect.DeepEqual(told.Duration, []float64{1, 16600000.5, 1}) || !reflect.DeepEqual(told.Pair, []string{"1408", "1408"}) ||
		told.IP[0] != nil || told.IP[2] == nil || *told.IP[2] != "8.8.8.8" {
		t.Errorf("pandas has %s", out)
	}
	for _, path := range []string{ours, theirs} {
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Names(), Columns) || got.NumRows() != 3 {
			t.Errorf("%s: %d rows of %q", path, got.NumRows(), got.Names())
		}
		a, b := got.Numbers(), want.Numbers()
		for _, name := range Columns {
			if b.Text(name) {
				if !reflect.DeepEqual(a.Strings(name), b.Strings(name)) {
					t.Errorf("%s: %s: %q, want %q", path, name, a.Strings(name), b.Strings(name))
				}
				continue
			}
			if path == theirs && name == "flow_bytes_per_s" {
				continue // infinities, which pandas' JSON has as null
			}
			for i, x := range a.Float64s(name) {
				if math.Abs(x-b.Float64s(name)[i]) > 1e-9 {
					t.Errorf("%s: %s: %v, want %v", path, name, x, b.Float64s(name)[i])
				}
			}
		}
	}
}

// TestArrow: the table is kept as Arrow, and gzipped files are read as they are.
func TestArrow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if err := results.Write(z, []results.Record{one("BENIGN")}); err != nil {
		t.Fatal(err)
	}
	z.Close()
	f.Close()
	flows, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	arrow := filepath.Join(t.TempDir(), "a.arrow")
	if err := flows.Table().Save(arrow); err != nil {
		t.Fatal(err)
	}
	got, err := table.Open(arrow)
	if err != nil || !reflect.DeepEqual(got.Names(), Columns) || got.Strings("fwd_header_length")[0] != "[1408, 1408]" {
		t.Errorf("%v, %v", got, err)
	}
}

// TestFeatures: all that a model learns from, of one row, and what it is to tell.
func TestFeatures(t *testing.T) {
	flows := From([]results.Record{one("BENIGN"), one("DDoS")}).Scrub()
	if class, err := flows.Attacks(); err != nil || !reflect.DeepEqual(class, []int{0, 1}) {
		t.Errorf("%v, %v", class, err)
	}
	if _, err := From([]results.Record{one("x")}).Attacks(); err == nil || !strings.Contains(err.Error(), "1 of 1 flows are attacks") {
		t.Errorf("%v", err)
	}
	for addresses, want := range map[int]int{0: 79, 1: 81, -1: 81} {
		encoder, err := encode.FitTable(flows.Numbers(), Parts(8, addresses)...)
		if err != nil {
			t.Fatal(err)
		}
		if n := encoder.Features(); n != want {
			t.Errorf("%d addresses: %d features, want %d", addresses, n, want)
		}
		if _, err := encoder.IDs(flows.Numbers()); err != nil {
			t.Error(err)
		}
	}
}

// TestDeal: flows with their parts.
func TestDeal(t *testing.T) {
	var records []results.Record
	for i := range 10 {
		records = append(records, one(map[bool]string{true: "BENIGN", false: "DDoS"}[i < 5]))
	}
	f := From(records).Scrub()
	d, err := Deal(f, "time", 0.2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(Rows(d, Test), []int{4, 9}) || Only(d, Train).NumRows() != 8 || !reflect.DeepEqual(Class(Only(d, Test)), []int{0, 1}) {
		t.Errorf("%v", Rows(d, Test))
	}
	if l := Labels(Only(d, Test)); !reflect.DeepEqual(l, []string{"", "DDoS"}) {
		t.Errorf("%q", l)
	}
	if x := Of(d, "protocol", 1); len(x) != 1 || x[0] != 1 {
		t.Errorf("%v", x)
	}
	for want, split := range map[string]string{`split by "luck"`: "luck", "0 of 5 training flows are attacks": "tail"} {
		if _, err := Deal(f, split, 0.5, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Deal(f, "time", 1, 1); err == nil {
		t.Error("all of them to test on")
	}
}
