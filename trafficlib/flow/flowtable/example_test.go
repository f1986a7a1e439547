package flowtable_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// write writes a table of a day on which every eighth flow is a scan.
func write(path string) (*flowtable.Table, error) {
	w, err := flowtable.NewWriter(path, flowtable.Layout{Numbers: []string{"total_fwd_packets"}},
		flowtable.Options{Sort: true})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	b := flowtable.Batch{Numbers: make([][]float64, 1)}
	var label flowtable.TextColumn
	for i := range 64 {
		b.Times = append(b.Times, time.Date(2018, 2, 14, 9, 7*i, 0, 0, time.UTC).UnixMicro())
		b.Ports, b.Protocols = append(b.Ports, 443), append(b.Protocols, 6)
		if i%8 < 7 {
			b.Numbers[0] = append(b.Numbers[0], float64(10+i%3))
			label.Add(flowtable.Benign)
		} else {
			b.Numbers[0] = append(b.Numbers[0], 1)
			label.Add("Scan")
		}
	}
	b.Texts = []flowtable.Texts{label.Texts}
	w.Pack(&b)
	if err := w.Append(&b); err != nil {
		return nil, err
	}
	return w.Finish(context.Background(), flowtable.Made{By: "example"})
}

// A reader of flows appends batches and gets a table.
func ExampleWriter() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	flows, err := write(filepath.Join(dir, "flows.arrow"))
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	fmt.Print(flows.LabelCounts())
	fmt.Print(flows.Head(2))
	// Output:
	// label   flows  share
	// Benign     56  0.875
	// Scan        8  0.125
	//    destination_port  protocol  timestamp            total_fwd_packets  label
	// 0               443         6  2018-02-14 09:00:00                 10  Benign
	// 1               443         6  2018-02-14 09:07:00                 11  Benign
	// 2 of 64 rows × 5 columns
}

// Windows of four flows, split in time, become labeled sequences.
func ExampleTable_Windows() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	flows, err := write(filepath.Join(dir, "flows.arrow"))
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	windows, err := flows.Windows(flowtable.WindowRules{Length: 4})
	if err != nil {
		log.Fatal(err)
	}
	if windows, err = windows.Split(flowtable.SplitAll, 0.5, 0.25); err != nil {
		log.Fatal(err)
	}
	fmt.Print(windows.Counts())
	encoder, err := encode.FitTable(windows.Part("train").Normal(), encode.ZScore("total_fwd_packets"))
	if err != nil {
		log.Fatal(err)
	}
	set, err := windows.Sequences(encoder)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Part("test").Len(), "sequences to test on, of", set.Labels())
	// Output:
	// label   train  valid  test
	// Scan        4      2     2
	// Benign      4      1     1
	// 3 sequences to test on, of [Benign Scan]
}
