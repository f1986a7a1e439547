package s3

import (
	"context"
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

// server implements the part of S3 that Sync needs: listings in pages, and files with ranges. If
// cut is above 0, it breaks the connection after so many bytes, once. If busy is above 0, it
// answers so many requests with an error first.
type server struct {
	files     map[string]string
	when      time.Time
	pageSize  int
	cut, busy int
	stop      func()   // called in the middle of the next file, which then does not go on
	got       []string // requests: the key and the range
	lists     int      // requests for a page of a listing
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		http.Error(w, "signed", http.StatusForbidden)
		return
	}
	if s.busy > 0 {
		s.busy--
		http.Error(w, "<Error><Code>SlowDown</Code></Error>", http.StatusServiceUnavailable)
		return
	}
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/bucket"), "/")
	if key == "" {
		s.lists++
		s.list(w, r)
		return
	}
	text, ok := s.files[key]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.got = append(s.got, key+" "+r.Header.Get("Range"))
	w.Header().Set("ETag", etag(text))
	if s.cut > 0 {
		w = &cutter{w, s.cut}
		s.cut = 0
	}
	if s.stop != nil {
		w = &stopper{w, r, s.stop, 500_000}
		s.stop = nil
	}
	http.ServeContent(w, r, key, s.when, strings.NewReader(text))
}

func etag(text string) string { return fmt.Sprintf("%q", fmt.Sprintf("%x", md5.Sum([]byte(text)))) }

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	type contents struct {
		Key, ETag    string
		LastModified time.Time
		Size         int
	}
	var all struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		EncodingType          string
		IsTruncated           bool
		NextContinuationToken string
		Contents              []contents
	}
	q := r.URL.Query()
	all.EncodingType = q.Get("encoding-type")
	var keys []string
	for k := range s.files {
		if strings.HasPrefix(k, q.Get("prefix")) && k > q.Get("continuation-token") {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for i, k := range keys {
		if i == s.pageSize {
			all.IsTruncated, all.NextContinuationToken = true, keys[i-1]
			break
		}
		c := contents{k, etag(s.files[k]), s.when, len(s.files[k])}
		if all.EncodingType == "url" {
			c.Key = url.QueryEscape(k)
		}
		all.Contents = append(all.Contents, c)
	}
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(all)
}

// cutter breaks the connection after left bytes.
type cutter struct {
	http.ResponseWriter
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left == 0 {
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func quiet() context.Context {
	return progress.With(context.Background(), &progress.Lines{W: io.Discard})
}

var quick = fetch.Options{Wait: time.Millisecond, Tries: 3}

func TestSync(t *testing.T) {
	big := strings.Repeat("0123456789", 100_000)
	s := &server{pageSize: 2, when: time.Date(2018, 10, 11, 12, 13, 14, 0, time.UTC), files: map[string]string{
		"flows of days/": "", "flows of days/a.csv": big, "flows of days/b.csv": "b", "flows of days/c/d.csv": "",
		"other/e.csv": "e",
	}}
	at := httptest.NewServer(s)
	defer at.Close()
	dir := t.TempDir()
	b := Bucket{Name: "bucket", Prefix: "flows of days/", Endpoint: at.URL}
	run := func(what string, fetched, upToDate []string, bytes int64) {
		t.Helper()
		r, err := sync(quiet(), dir, b, quick)
		if err != nil || !slices.Equal(r.Fetched, fetched) || !slices.Equal(r.UpToDate, upToDate) {
			t.Errorf("%s: %+v, %v, want %v fetched and %v up to date", what, r, err, fetched, upToDate)
		}
		if bytes >= 0 && r.Bytes != bytes {
			t.Errorf("%s: %d bytes, want %d", what, r.Bytes, bytes)
		}
		for _, name := range slices.Concat(fetched, upToDate) {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || string(got) != s.files["flows of days/"+name] {
				t.Errorf("%s: %s has %d bytes, %v", what, name, len(got), err)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.*.*")); len(left) > 0 {
			t.Errorf("%s: left %v", what, left)
		}
	}
	s.cut = 300_000 // resumes by itself
	run("first", []string{"a.csv", "b.csv", "c/d.csv"}, nil, 1_000_001)
	want := []string{"flows of days/a.csv ", "flows of days/a.csv bytes=300000-"}
	if len(s.got) < 2 || !slices.Equal(s.got[:2], want) {
		t.Errorf("requests %q, want %q first", s.got, want)
	}
	run("again", nil, []string{"a.csv", "b.csv", "c/d.csv"}, 0)
	s.files["flows of days/b.csv"] = "longer"
	run("changed", []string{"b.csv"}, []string{"a.csv", "c/d.csv"}, 6)
	s.when = s.when.Add(time.Hour)
	s.files["flows of days/b.csv"] = "newer!"
	run("newer", []string{"a.csv", "b.csv", "c/d.csv"}, nil, 1_000_006)

	// A stopped Sync leaves a part, and the next one fetches the rest.
	os.Remove(filepath.Join(dir, "a.csv"))
	stopped := func() error {
		ctx, stop := context.WithCancel(quiet())
		s.stop = func() {
			for len(parts(t, dir)) == 0 { // the client has written something
				time.Sleep(time.Millisecond)
			}
			stop()
		}
		_, err := sync(ctx, dir, b, quick)
		return err
	}
	err := stopped()
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("stopped: %v", err)
	}
	s.got = nil
	run("after a stop", []string{"a.csv"}, []string{"b.csv", "c/d.csv"}, -1)
	if len(s.got) != 1 || !strings.Contains(s.got[0], " bytes=") || strings.Contains(s.got[0], "bytes=0-") {
		t.Errorf("requests %q, want the rest", s.got)
	}

	// A part of an earlier version is not continued with the bytes of a later one.
	os.Remove(filepath.Join(dir, "a.csv"))
	if stopped() == nil {
		t.Error("stopped: no error")
	}
	s.files["flows of days/a.csv"] = strings.ToUpper(strings.Repeat("abcdefghij", 100_000))
	run("changed after a stop", []string{"a.csv"}, []string{"b.csv", "c/d.csv"}, 1_000_000)
}

// TestSyncMany lists more keys than fit into one page, some of them with characters that addresses
// escape.
func TestSyncMany(t *testing.T) {
	s := &server{pageSize: 1000, when: time.Unix(1e9, 0), files: map[string]string{
		"p/a+b.csv": "plus", "p/50%.csv": "percent", "p/ü?#&.csv": "others", "p/a b/c.csv": "space",
	}}
	for i := range 2100 {
		s.files[fmt.Sprintf("p/day %d.txt", i)] = "not wanted"
	}
	at := httptest.NewServer(s)
	defer at.Close()
	dir := t.TempDir()
	r, err := sync(quiet(), dir, Bucket{Name: "bucket", Prefix: "p/", Endpoint: at.URL, Match: "*.csv"}, quick)
	if want := []string{"50%.csv", "a b/c.csv", "a+b.csv", "ü?#&.csv"}; err != nil || !slices.Equal(r.Fetched, want) {
		t.Fatalf("%+v, %v, want %q fetched", r, err, want)
	}
	if s.lists != 3 {
		t.Errorf("%d pages listed, want 3", s.lists)
	}
	for _, name := range r.Fetched {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != s.files["p/"+name] {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestSyncBusy retries while the server is overloaded, and gives up at some time.
func TestSyncBusy(t *testing.T) {
	s := &server{pageSize: 1000, busy: 2, files: map[string]string{"a": "text"}}
	at := httptest.NewServer(s)
	defer at.Close()
	b := Bucket{Name: "bucket", Endpoint: at.URL}
	if r, err := sync(quiet(), t.TempDir(), b, quick); err != nil || len(r.Fetched) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	s.busy = 3
	if _, err := sync(quiet(), t.TempDir(), b, quick); err == nil ||
		!strings.Contains(err.Error(), "giving up after 3 tries") {
		t.Errorf("%v, want giving up", err)
	}
}

// TestSyncProgress checks that the updates are of all files together.
func TestSyncProgress(t *testing.T) {
	s := &server{pageSize: 1000, files: map[string]string{"a": strings.Repeat("a", 3e6), "b": strings.Repeat("b", 2e6)}}
	at := httptest.NewServer(s)
	defer at.Close()
	var all updates
	if _, err := sync(progress.With(t.Context(), &all), t.TempDir(), Bucket{Name: "bucket", Endpoint: at.URL},
		quick); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(all, func(a, b progress.Update) int { return int(a.Done - b.Done) }) {
		t.Errorf("progress goes back: %+v", all)
	}
	want := progress.Update{Task: "fetch", Unit: "MB", Done: 5, Total: 5, Final: true}
	if last := all[len(all)-1]; fmt.Sprint(last) != fmt.Sprint(want) {
		t.Errorf("the last update is %+v, want %+v", last, want)
	}
}

type updates []progress.Update

func (u *updates) Update(one progress.Update) { *u = append(*u, one) }

// parts returns the files in a folder that are not whole yet, and not empty.
func parts(t *testing.T, dir string) (found []string) {
	t.Helper()
	all, _ := filepath.Glob(filepath.Join(dir, "*.*.*"))
	for _, path := range all {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			found = append(found, path)
		}
	}
	return found
}

// A stopper sends left bytes, calls stop, and waits for the client to go.
type stopper struct {
	http.ResponseWriter
	r    *http.Request
	stop func()
	left int
}

func (w *stopper) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p[:min(len(p), w.left)])
	if w.left -= n; w.left == 0 {
		w.ResponseWriter.(http.Flusher).Flush()
		w.stop()
		<-w.r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func TestSyncErrors(t *testing.T) {
	s := &server{pageSize: 1000, files: map[string]string{"p/../../x": "x", "q/a.csv": "a"}}
	at := httptest.NewServer(s)
	defer at.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		io.WriteString(w, "<html></html>")
	}))
	defer page.Close()
	for want, b := range map[string]Bucket{
		`key "p/../../x" is outside of the folder`: {Name: "bucket", Prefix: "p/", Endpoint: at.URL},
		`no files below "r/"`:                      {Name: "bucket", Prefix: "r/", Endpoint: at.URL},
		`endpoint "somewhere"`:                     {Name: "bucket", Endpoint: "somewhere"},
		`pattern "["`:                              {Name: "bucket", Match: "["},
		`no bucket named`:                          {Endpoint: at.URL},
		`malformed listing`:                        {Name: "bucket", Endpoint: page.URL},
	} {
		if _, err := Sync(quiet(), t.TempDir(), b); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want … %s", err, want)
		}
	}
	b := Bucket{Name: "some.bucket", Endpoint: "https://s3.us-west-1.amazonaws.com/"}
	if got, want := b.url("a b/c+d"), "https://s3.us-west-1.amazonaws.com/some.bucket/a%20b/c%2Bd"; got != want {
		t.Errorf("address %s, want %s", got, want)
	}
}

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.Arrow)
}
