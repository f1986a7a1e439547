package stream_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/device"
	"github.com/trafficlab/trafficlab/trafficlib/fit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
	"github.com/trafficlab/trafficlab/trafficlib/stream"
)

type silent struct{}

func (silent) Update(progress.Update) {}

// A model learns the packets of ordinary TLS sessions, and scores those of a flood of renegotiations as they come.
func Example() {
	ctx := progress.With(context.Background(), silent{})
	dir, err := os.MkdirTemp("", "stream")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	backend, err := device.Open("go")
	if err != nil {
		log.Fatal(err)
	}

	ordinary, err := capture.Open("../../notebooks/data/tls/normal.pcap.gz")
	if err != nil {
		log.Fatal(err)
	}
	defer ordinary.Close()
	const longest = 40
	set, err := stream.Sequences(ordinary.Packets(), stream.Options{}, longest)
	if err != nil {
		log.Fatal(err)
	}
	n := len(stream.Packets.Names)
	run, err := fit.Train(ctx, backend, rnn.Forecaster{Features: n, Hidden: 16, Dense: true}, seq.NextStep{Set: set, SequenceLen: longest},
		fit.Config{Dir: dir, Steps: 150, BatchSize: 16, LearningRate: 0.01, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}

	for _, name := range []string{"normal", "attack-renegotiation"} {
		r, err := capture.Open("../../notebooks/data/tls/" + name + ".pcap.gz") // or "-", the standard input
		if err != nil {
			log.Fatal(err)
		}
		defer r.Close()
		alerts := 0
		s, err := stream.New(backend, run.Snapshot, stream.Options{Threshold: 0.08}, func(a stream.Alert) {
			if alerts == 0 {
				fmt.Println(a)
			}
			alerts++
		})
		if err != nil {
			log.Fatal(err)
		}
		defer s.Close()
		if err := s.Run(ctx, r.Packets()); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d packets, mean score %.4f, %d alerts\n", name, s.Scored().Packets, s.Scored().Sum/float64(s.Scored().Packets), alerts)
	}
	// Output:
}
