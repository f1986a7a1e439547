package mawi_test

import (
	"fmt"
	"log"

	"github.com/trafficlab/trafficlab/trafficlib/source/mawi"
)

func ExampleQuery_Days() {
	days, err := mawi.Query{Date: "2019-01-01", DateDest: "2019-01-14"}.Days() // Mondays by default
	if err != nil {
		log.Fatal(err)
	}
	for _, day := range days {
		fmt.Println(mawi.URL(mawi.Base, day))
	}
	// Output:
	// http://mawi.wide.ad.jp/mawi/samplepoint-F/2019/201901071400.pcap.gz
	// http://mawi.wide.ad.jp/mawi/samplepoint-F/2019/201901141400.pcap.gz
}
