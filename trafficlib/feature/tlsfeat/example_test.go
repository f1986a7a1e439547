package tlsfeat_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A capture becomes a set of sequences, which is split and records how its rows were made.
func ExampleExtract() {
	dir, err := os.MkdirTemp("", "tlsfeat")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := progress.With(context.Background(), progress.Discard)
	capture := "../../../notebooks/data/tls/attack-renegotiation.pcap.gz"
	set, report, err := tlsfeat.Extract(ctx, filepath.Join(dir, "sessions.arrow"), tlsfeat.Options{}, capture)
	if err != nil {
		log.Fatal(err)
	}
	defer set.Close()
	fmt.Println(int64(set.Len()) == report.Sessions, set.Features(), set.Names()[tlsfeat.Length])
	fmt.Println(set.Recipe().Extractor)

	split, err := set.Split(seq.Split{By: seq.Latest, Test: 0.3})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(split.Parts())
	// Output:
	// true 146 Length
	// tlsfeat
	// [train test]
}
