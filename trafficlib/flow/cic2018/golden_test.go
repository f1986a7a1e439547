package cic2018

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func publishedTypes(t *testing.T) map[string]string {
	data, err := os.ReadFile(shareddata.Dir(t, "cse_cic_ids2018_80col", "derived_summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Types map[string]string }
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s.Types
}

// Each value of the real rows is strconv's result for its text, rounded to the type of its column.
func TestEveryValue(t *testing.T) {
	path := shareddata.Dir(t, "cse_cic_ids2018_80col", "derived_validation_original_header.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\r", "")), "\n")
	s := mustLoad(t, keeping(Options{}), path)
	labels := s.Labels()
	codes := s.Codes(0, s.NumRows())
	ports := s.Float64s("destination_port")
	numbers := 0
	values := map[string][]float64{}
	for i, name := range strings.Split(rows[0], ",") {
		for k, row := range rows[1:] {
			cell := strings.Split(row, ",")[i]
			if name != "Label" && name != "Timestamp" && values[name] == nil {
				values[name] = s.Float64s(name)
			}
			switch name {
			case "Label":
				if labels[codes[k]] != cell {
					t.Fatalf("row %d: label %q, want %q", k, labels[codes[k]], cell)
				}
				continue
			case "Timestamp":
				if got := s.Times(k, k+1)[0].Format("02/01/2006 15:04:05"); got != cell {
					t.Fatalf("row %d: %s, want %s", k, got, cell)
				}
				continue
			}
			want, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			got := values[name][k]
			if s.Type(name) == "float32" {
				want = float64(float32(want))
			}
			if name == "Dst Port" && ports[k] != want {
				t.Fatalf("row %d: port %v, want %v", k, ports[k], want)
			}
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Fatalf("row %d, %s: %v, want %v", k, name, got, want)
			}
			numbers++
		}
	}
	if numbers != 180*78 {
		t.Errorf("%d numbers compared", numbers)
	}
}
