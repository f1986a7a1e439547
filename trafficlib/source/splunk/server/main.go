// Command server is a Splunk on this machine, for those who have none: it answers searches over the
// records of files.
//
//	go run ./trafficlib/source/splunk/server notebooks/data/splunk/*.json.gz
//
// It listens on the loopback interface only, over HTTPS with a certificate that it makes, and
// prints what a notebook needs: the address, the file of the certificate, and the lines for the
// environment, with a token drawn for this run. It knows as much of Splunk's search language as the
// notebook needs, and refuses the rest as Splunk does; see internal/splunksim.
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/splunksim"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

func main() {
	port := flag.Int("port", 8089, "port on the loopback; 0 takes one that is free")
	dir := flag.String("dir", "", "folder for ca.pem and credentials; a temporary one unless it is named")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: server [-port N] [-dir FOLDER] RECORDS.json[.gz] …")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *port, *dir, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// serve answers until ctx ends.
func serve(ctx context.Context, port int, dir string, paths []string) error {
	if len(paths) == 0 {
		return errors.New("no files of records: see -h")
	}
	sim := &splunksim.Server{Token: strings.ToLower(rand.Text())}
	for _, path := range paths {
		records, err := results.ReadFile(path)
		if err != nil {
			return err
		}
		sim.Records = append(sim.Records, records...)
	}
	if dir == "" {
		tmp, err := os.MkdirTemp("", "splunk-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	cert, pem, err := splunksim.Certificate()
	if err != nil {
		return err
	}
	ca, credentials := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "credentials")
	if err := os.WriteFile(ca, pem, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(credentials, []byte("token="+sim.Token+"\n"), 0o600); err != nil {
		return err
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	address := fmt.Sprintf("localhost:%d", l.Addr().(*net.TCPAddr).Port)
	fmt.Printf("%d records at https://%s, until Ctrl-C. To search them:\n\n    export SPLUNK_CREDENTIALS=%s\n"+
		"    … -p host=%s -p caFile=%s\n",
		len(sim.Records), address, credentials, address, ca)
	server := &http.Server{Handler: sim, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert},
		MinVersion: tls.VersionTLS12}, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(l, "", "") }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}
