package fetch_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

func ExampleFile() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello\n")
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "fetch")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	record, err := fetch.File(context.Background(), server.URL+"/hello.txt", filepath.Join(dir, "hello.txt"),
		fetch.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.Bytes, "bytes, SHA-256", record.SHA256[:12])
	// Output: 6 bytes, SHA-256 5891b5b522d5
}
