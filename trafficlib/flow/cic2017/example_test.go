package cic2017_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2017"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
)

// Flows from a response of a Splunk.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	answer := `{"preview":false,"results":[
		{"_raw":"…","host":"splunk","source_ip":"10.0.0.9","destination_port":"80","protocol":"6","flow_duration":"1200","label":"BENIGN"},
		{"_raw":"…","host":"splunk","source_ip":"10.0.0.7","destination_port":"80","protocol":"6","flow_duration":"3","label":"DDoS"}]}`
	path := filepath.Join(dir, "answer.json")
	if err := os.WriteFile(path, []byte(answer), 0o666); err != nil {
		log.Fatal(err)
	}
	flows, err := cic2017.Load(context.Background(), filepath.Join(dir, "flows.arrow"),
		cic2018.Options{Missing: table.Keep}, path)
	if err != nil {
		log.Fatal(err)
	}
	defer flows.Close()
	fmt.Print(flows.Rows(0, 2, "source_ip", "destination_port", "flow_duration", "label"))
	// Output:
	// source_ip  destination_port  flow_duration  label
	// 10.0.0.9                 80           1200  Benign
	// 10.0.0.7                 80              3  DDoS
}
