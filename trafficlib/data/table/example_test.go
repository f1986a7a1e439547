package table_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

const packets = `No.,Time,Source,Protocol,Length
1,0.000,192.168.1.30,TCP,60
2,0.004,192.168.0.20,TCP,60
3,0.031,192.168.1.30,TELNET,81
4,0.095,192.168.0.20,TELNET,1500
`

// The packets of a capture are read, selected and saved for the next cell.
func Example() {
	dir, err := os.MkdirTemp("", "table")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "packets.csv")
	if err := os.WriteFile(path, []byte(packets), 0o666); err != nil {
		log.Fatal(err)
	}

	t, err := table.ReadCSV(path, table.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(t.Head(2))
	fmt.Print(t.Counts("Protocol"))
	fmt.Print(t.Select("Length").Describe())
	long := t.Drop("No.").Where(func(r table.Row) bool { return r.Float64("Length") > 60 })
	if err := long.Save(filepath.Join(dir, "long.arrow")); err != nil {
		log.Fatal(err)
	}

	again, err := table.Open(filepath.Join(dir, "long.arrow"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(again)
	// Output:
	// No.   Time  Source        Protocol  Length
	//   1      0  192.168.1.30  TCP           60
	//   2  0.004  192.168.0.20  TCP           60
	// Protocol  count
	// TCP           2
	// TELNET        2
	// column  type   count    mean      std  min  25%  median     75%   max
	// Length  int64      4  425.25  716.568   60   60    70.5  435.75  1500
	//  Time  Source        Protocol  Length
	// 0.031  192.168.1.30  TELNET        81
	// 0.095  192.168.0.20  TELNET      1500
}
