package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

type silent struct{}

func (silent) Update(progress.Update) {}

// TestServe starts the server and searches it with the values that it prints and the files that it
// leaves.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "records.json.gz")
	if err := results.Save(path, []results.Record{
		{{Name: "label", Values: []string{"BENIGN"}}}, {{Name: "label", Values: []string{"DDoS"}}},
	}); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	ctx, stop := context.WithCancel(progress.With(context.Background(), silent{}))
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, 0, dir, []string{path}) }()
	text := make([]byte, 4096)
	n, err := r.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	host := regexp.MustCompile(`host=(\S+)`).FindSubmatch(text[:n])
	if host == nil {
		t.Fatalf("it says %s", text[:n])
	}
	credentials, err := splunk.File(filepath.Join(dir, "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := splunk.Connect(ctx,
		splunk.Config{Host: string(host[1]), CAFile: filepath.Join(dir, "ca.pem"), Credentials: credentials,
			Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Oneshot(ctx, splunk.Bind(`search label!=?`, "BENIGN"), splunk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := found.ReadAll(); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	stop()
	if err := <-ended; err != nil && err != io.EOF {
		t.Error(err)
	}
	if err := serve(context.Background(), 0, "", nil); err == nil {
		t.Error("it serves nothing")
	}
}
