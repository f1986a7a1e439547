package archive_test

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/source/archive"
)

func ExampleUnzip() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := os.Create(filepath.Join(dir, "days.zip"))
	if err != nil {
		log.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("days/monday.csv")
	if err != nil {
		log.Fatal(err)
	}
	io.WriteString(w, "Timestamp,Label\n")
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}

	names, err := archive.Unzip(context.Background(), f.Name(), filepath.Join(dir, "out"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(names)
	// Output: [days/monday.csv]
}
