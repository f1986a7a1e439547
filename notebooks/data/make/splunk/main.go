// Command splunk makes up the records of notebook 5, as a Splunk answers its two searches: flows with all that Splunk
// adds to them.
//
//	go run ./notebooks/data/make/splunk
//
// Each flow is a list of packets, made up after what its kind does, and its columns are computed from them as CICFlowMeter
// defines them, so that they agree with each other. Nobody's traffic is in them. The same seed gives the same files.
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
	dir := flag.String("dir", filepath.Join("notebooks", "data", "splunk"), "folder that the files go to")
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
