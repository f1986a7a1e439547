package splunk_test

import (
	"context"
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk"
)

// Values stay values, whatever they contain.
func ExampleBind() {
	fmt.Println(splunk.Bind(`search index=? label!=? | head ?`, "cicids17", `x" | delete`, 500))
	// Output:
	// search index="cicids17" label!="x\" | delete" | head 500
}

// A search of a Splunk whose token is in the environment (SPLUNK_TOKEN).
func ExampleConnect() {
	ctx := context.Background()
	server, err := splunk.Connect(ctx, splunk.Config{Host: "splunk.example.org"})
	if err != nil {
		log.Fatal(err)
	}
	n, err := server.Save(ctx, "benign.json.gz", splunk.Bind("index=? label=?", "cicids17", "BENIGN"),
		splunk.Options{Earliest: "-24h"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "records")
}
