package stream_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/model/stream"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A model learns the packets of normal TLS sessions, and scores those of other sessions as they
// arrive. Its snapshot records how the rows were made.
func Example() {
	ctx := progress.With(context.Background(), progress.Discard)
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	backend, err := device.Open("go")
	if err != nil {
		log.Fatal(err)
	}

	ordinary, err := capture.Open("../../../notebooks/data/tls/normal.pcap.gz")
	if err != nil {
		log.Fatal(err)
	}
	defer ordinary.Close()
	const longest = 40
	set, err := stream.Sequences(ordinary.Packets(), stream.Options{}, longest)
	if err != nil {
		log.Fatal(err)
	}
	untrained, err := fit.New(rnn.Forecaster{Features: set.Features(), Hidden: 8, Dense: true}, 1)
	if err != nil {
		log.Fatal(err)
	}
	run, err := fit.Train(ctx, backend, untrained, set.NextStep(),
		fit.Config{Dir: dir, Steps: 40, BatchSize: 16, LearningRate: 0.02, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}

	var mean []float64
	for _, snap := range []*snapshot.Snapshot{untrained, run.Snapshot} {
		r, err := capture.Open("../../../notebooks/data/tls/attack-renegotiation.pcap.gz") // or "-", the standard input
		if err != nil {
			log.Fatal(err)
		}
		defer r.Close()
		var farthest stream.Alert
		s, err := stream.New(backend, snap, stream.Options{Threshold: 0.05}, func(a stream.Alert) {
			if a.Score > farthest.Score {
				farthest = a // its String has the time, the hosts, the feature and the expectation
			}
		})
		if err != nil {
			log.Fatal(err)
		}
		defer s.Close()
		if err := s.Run(ctx, r.Packets()); err != nil {
			log.Fatal(err)
		}
		did := s.Scored()
		mean = append(mean, did.Sum/float64(did.Packets))
		fmt.Println(did.Packets, "packets, alerts:", did.Alerts > 0 && farthest.Score > 0.05)
	}
	fmt.Println("less than half as far as before it learned:", mean[1] < mean[0]/2)
	// Output:
	// 914 packets, alerts: true
	// 914 packets, alerts: true
	// less than half as far as before it learned: true
}
