package parquet_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	pq "github.com/parquet-go/parquet-go"

	"github.com/trafficlab/trafficlab/trafficlib/data/parquet"
)

// A Parquet file of two flows, as CSV.
func ExampleToCSV() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	type flow struct {
		Port  int64  `parquet:"Dst Port"`
		Label string `parquet:"Label"`
	}
	path := filepath.Join(dir, "day.parquet")
	if err := pq.WriteFile(path, []flow{{443, "Benign"}, {22, "SSH-Bruteforce"}}); err != nil {
		log.Fatal(err)
	}
	made, notice, err := parquet.ToCSV(context.Background(), filepath.Join(dir, "csv"), path)
	if err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(made[0])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(notice, string(text))
	// Output:
	// Dst Port,Label
	// 443,Benign
	// 22,SSH-Bruteforce
}
