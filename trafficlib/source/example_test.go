package source_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/source"
)

func ExamplePick() {
	dir, err := os.MkdirTemp("", "captures")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"normal_2.csv", "normal_10.csv", "flood.csv", "SOURCES.md"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			log.Fatal(err)
		}
	}
	files, err := source.Pick(dir, []source.Role{
		{Name: "normal", Pattern: "normal*.csv"},
		{Name: "attack", Pattern: "flood*.csv, dos*.csv"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(files)
	// Output:
	// role    file
	// normal  normal_2.csv
	// normal  normal_10.csv
	// attack  flood.csv
	// ignored: SOURCES.md
}
