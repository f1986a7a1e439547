package results_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// The records of an export, which has an object on each line.
func ExampleRecords() {
	answer := `{"preview":false,"offset":0,"result":{"label":"BENIGN","ports":["80","443"]}}
{"preview":false,"offset":1,"lastrow":true,"result":{"label":"DDoS"}}`
	for record, err := range results.Records(strings.NewReader(answer)) {
		if err != nil {
			log.Fatal(err)
		}
		label, _ := record.Get("label")
		fmt.Println(label, len(record), "fields")
	}
	// Output:
	// BENIGN 2 fields
	// DDoS 1 fields
}
