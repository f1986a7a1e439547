package cic2018_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
)

// A day file with a repeated header, an infinite rate and a row of 1970.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "flows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const header = "Dst Port,Protocol,Timestamp,Flow Duration,Flow Byts/s,Label\n"
	day := header +
		"443,6,14/02/2018 09:31:01,1671932,1629.85289,Benign\n" +
		"22,6,14/02/2018 08:31:01,305,Infinity,SSH-Bruteforce\n" +
		header +
		"53,17,14/02/2018 08:40:00,420,0,Benign\n" +
		"53,17,10/01/1970 03:04:26,420,0,Benign\n"
	path := filepath.Join(dir, "Wednesday-14-02-2018.csv")
	if err := os.WriteFile(path, []byte(day), 0o666); err != nil {
		log.Fatal(err)
	}
	s, err := cic2018.Load(context.Background(), filepath.Join(dir, "flows.arrow"), cic2018.Options{
		Sort: true, Since: time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC), Infinite: table.Clip}, path)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Print(s.Report())
	fmt.Println(s.Types())
	fmt.Print(s.LabelCounts())
	fmt.Print(s.Head(2))
	// Output:
	// 4 rows read; 1 dropped as too early; 3 rows
	// Wednesday-14-02-2018.csv: 1 repeated headers dropped (line 4)
	// column "flow_bytes_per_s": 1 infinities clipped to the column's bounds
	// uint32 1, float32 1
	// label           flows     share
	// Benign              2  0.666667
	// SSH-Bruteforce      1  0.333333
	//    destination_port  protocol  timestamp            flow_duration  flow_bytes_per_s  label
	// 0                22         6  2018-02-14 08:31:01            305           1629.85  SSH-Bruteforce
	// 1                53        17  2018-02-14 08:40:00            420                 0  Benign
	// 2 of 3 rows × 6 columns
}
