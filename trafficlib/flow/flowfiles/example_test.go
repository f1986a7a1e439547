package flowfiles_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/flow"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowfiles"
	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// The flows of a folder of captures, one of which is an attack.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	flows, err := flowfiles.Load(context.Background(), filepath.Join(dir, "flows.arrow"),
		flowfiles.Options{Captures: flow.Options{Label: flow.AttackFiles("attack*")}}, "../../../notebooks/data/tls")
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	fmt.Println(flows.NumRows() > 0, flows.Has(flowtable.DestinationPort))
	fmt.Println(flows.Labels())
	// Output:
	// true true
	// [Benign attack-renegotiation]
}
