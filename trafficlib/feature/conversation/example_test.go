package conversation_test

import (
	"context"
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/conversation"
)

// A capture becomes sequences that a model can learn to continue, each with its attack.
func Example() {
	const dir = "../../../notebooks/data/tcp/"
	packets, err := conversation.Read(context.Background(), dir+"lan.pcap.gz", nil)
	if err != nil {
		log.Fatal(err)
	}
	labels, err := conversation.ReadLabels(dir+"lan.list", nil)
	if err != nil {
		log.Fatal(err)
	}
	marked, err := conversation.Mark(packets.Table, packets.Start, labels)
	if err != nil {
		log.Fatal(err)
	}
	clean, _ := conversation.Clean(marked, conversation.Protocols{})
	talks, err := conversation.Cut(clean, conversation.Rules{})
	if err != nil {
		log.Fatal(err)
	}
	talks, err = conversation.Split(talks, seq.Split{By: seq.Latest, Test: 0.3})
	if err != nil {
		log.Fatal(err)
	}
	set, err := conversation.Encode(talks, conversation.Encoding{Start: packets.Start})
	if err != nil {
		log.Fatal(err)
	}
	attacks := map[string]int{}
	for _, name := range conversation.Attacks(talks) {
		attacks[name]++
	}
	fmt.Println(set)
	fmt.Println(attacks)
	// Output:
	// 578 sequences of 25 features: 12539 steps, 4 to 252 each, median 11; 335 train, 143 test, 100 attack
	// map[:478 guess:60 port-scan:40]
}
