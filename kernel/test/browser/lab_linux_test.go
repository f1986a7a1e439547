package browser

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook/lab"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// TestLab starts the server, queries it, starts a kernel in it, and checks that stopping the server
// leaves nothing.
func TestLab(t *testing.T) {
	h := kerneltest.Machine(t)
	dir := kerneltest.Checkout(t, "notebooks")
	ctx, stop := context.WithCancel(waits.Context(t))
	defer stop()
	// The user's browser is a script that copies the page it is asked to open.
	asked := filepath.Join(t.TempDir(), "asked")
	browser := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(browser, []byte("#!/bin/sh\ncp \"${1#file://}\" '"+asked+"'\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BROWSER", browser)
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- lab.Lab{Home: h, Dir: dir, Notebook: kerneltest.First, Out: io.Discard, Errs: os.Stderr,
			Browser: true, Ready: func(url string) { ready <- url }}.Run(ctx)
	}()
	var address *url.URL
	select {
	case err := <-done:
		t.Fatal(err)
	case s := <-ready:
		var err error
		if address, err = url.Parse(s); err != nil {
			t.Fatal(err)
		}
	}
	token := address.Query().Get("token")
	if address.Hostname() != "127.0.0.1" || len(token) < 32 || !strings.HasSuffix(address.Path, kerneltest.First) {
		t.Errorf("the address is %s", address)
	}
	opened := func() bool { // a file that only the user may read, since the address contains the token
		page, err := os.ReadFile(asked)
		return err == nil && strings.Contains(string(page), address.Host+address.Path) &&
			strings.Contains(string(page), token)
	}
	waits.Until(t, "the browser is opened on the notebook", opened)
	ask := func(method, path, token string, into any) int {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, "http://"+address.Host+path,
			strings.NewReader(`{"name": "trafficlab"}`))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", "token "+token)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if into != nil {
			if err := json.NewDecoder(res.Body).Decode(into); err != nil {
				t.Fatalf("%s: %s: %v", path, res.Status, err)
			}
		}
		return res.StatusCode
	}
	if code := ask("GET", "/api/kernelspecs", "", nil); code != http.StatusForbidden {
		t.Errorf("without the token: %d, want 403", code)
	}
	var specs struct {
		Default string `json:"default"`
	}
	if ask("GET", "/api/kernelspecs", token, &specs); specs.Default != "trafficlab" {
		t.Errorf("the kernel chosen beforehand is %q", specs.Default)
	}
	var notification struct {
		Schema struct {
			Properties struct {
				FetchNews struct {
					Default string `json:"default"`
				} `json:"fetchNews"`
			} `json:"properties"`
		} `json:"schema"`
	}
	ask("GET", "/lab/api/settings/@jupyterlab/apputils-extension:notification", token, &notification)
	if got := notification.Schema.Properties.FetchNews.Default; got != "false" {
		t.Errorf("asking for news is %q, want false", got)
	}
	var kernel struct {
		ID string `json:"id"`
	}
	if code := ask("POST", "/api/kernels", token, &kernel); code != http.StatusCreated {
		t.Fatalf("starting a kernel: %d", code)
	}
	running := func() bool { return commandRuns(t, "kernel-"+kernel.ID) }
	if !running() {
		t.Error("the kernel does not run")
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	waits.Until(t, "the kernel ends", func() bool { return !running() })
}

// commandRuns reports whether the command line of some process contains the text.
func commandRuns(t *testing.T, text string) bool {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if line, err := os.ReadFile(path); err == nil && strings.Contains(string(line), text) { // else it has ended
			return true
		}
	}
	return false
}
