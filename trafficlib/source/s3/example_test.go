package s3_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/source/s3"
)

// The flows of CSE-CIC-IDS2018 are in a public bucket, which here is a small server:
//
//	s3.Bucket{
//		Name:   "cse-cic-ids2018",
//		Prefix: "Processed Traffic Data for ML Algorithms/",
//		Region: "us-west-1",
//	}
func ExampleSync() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/flows/":
			io.WriteString(w, `<ListBucketResult><Contents><Key>days/monday.csv</Key><Size>16</Size>
				<LastModified>2018-10-11T12:13:14.000Z</LastModified></Contents></ListBucketResult>`)
		case "/flows/days/monday.csv":
			io.WriteString(w, "Timestamp,Label\n")
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	bucket := s3.Bucket{Name: "flows", Prefix: "days/", Match: "*.csv", Endpoint: server.URL}
	for range 2 {
		report, err := s3.Sync(context.Background(), dir, bucket)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("fetched", report.Fetched, "up to date", report.UpToDate)
	}
	// Output:
	// fetched [monday.csv] up to date []
	// fetched [] up to date [monday.csv]
}
