// Command splunk makes the records of notebook 5: simulated flows, in the format of the results of
// two Splunk searches, with all fields that Splunk adds.
//
//	go run ./notebooks/data/make/splunk
//
// It simulates the packets of each flow and computes its columns from them, as CICFlowMeter defines
// them, so that the columns are consistent. The files contain no real traffic. The same seed makes
// the same files.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

func main() {
	dir := flag.String("dir", filepath.Join("notebooks", "data", "splunk"), "folder of the files")
	n := flag.Int("n", 500, "flows of each file")
	flag.Parse()
	rng := rand.New(rand.NewPCG(5, 2017))
	for _, kind := range []struct {
		file  string
		label string
		draw  func(r *rand.Rand) flow
	}{{"benign", "BENIGN", ordinary}, {"malicious", "DDoS", flood}} {
		var all []flow
		for range *n {
			f := kind.draw(rng)
			f.label = kind.label
			f.at = rng.IntN(5000)
			all = append(all, f)
		}
		slices.SortStableFunc(all, func(a, b flow) int { return a.at - b.at }) // sort 0 timestamp
		var records []results.Record
		for i, f := range all {
			records = append(records, event(f, i))
		}
		path := filepath.Join(*dir, kind.file+".json.gz")
		if err := results.Save(path, records); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(path, len(records))
	}
}
