package caida_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/trafficlab/trafficlab/trafficlib/source/caida"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

func ExampleList() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `<a href="../">up</a> <a href="20020814-160000-0-anon.dirA.pcap.stats">statistics</a>
			<a href="20020814-160000-0-anon.dirA.pcap.gz">capture</a>`)
	}))
	defer server.Close()
	names, err := caida.List(context.Background(), server.URL+"/pcap", fetch.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(names)
	// Output: [20020814-160000-0-anon.dirA.pcap.stats]
}
