package s3

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

// server speaks as much of S3 as is needed: lists in pages of two, and files with ranges. cut, while it is above 0,
// breaks an answer off after so many bytes.
type server struct {
	files map[string]string
	when  time.Time
	cut   int
	got   []string // what was asked for: the key and the range
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		http.Error(w, "signed", http.StatusForbidden)
		return
	}
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/bucket"), "/")
	if key == "" {
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
		IsTruncated           bool
		NextContinuationToken string
		Contents              []contents
	}
	q := r.URL.Query()
	var keys []string
	for k := range s.files {
		if strings.HasPrefix(k, q.Get("prefix")) && k > q.Get("continuation-token") {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for i, k := range keys {
		if i == 2 {
			all.IsTruncated, all.NextContinuationToken = true, keys[1]
			break
		}
		all.Contents = append(all.Contents, contents{k, etag(s.files[k]), s.when, len(s.files[k])})
	}
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(all)
}

// cutter breaks the connection after some bytes.
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

func TestSync(t *testing.T) {
	big := strings.Repeat("0123456789", 100_000)
	s := &server{when: time.Date(2018, 10, 11, 12, 13, 14, 0, time.UTC), files: map[string]string{
		"flows of days/": "", "flows of days/a.csv": big, "flows of days/b.csv": "b", "flows of days/c/d.csv": "", "other/e.csv": "e",
	}}
	at := httptest.NewServer(s)
	defer at.Close()
	dir := t.TempDir()
	b := Bucket{Name: "bucket", Prefix: "flows of days/", Endpoint: at.URL}
	sync := func(what string, fetched, there []string) {
		t.Helper()
		r, err := Sync(quiet(), dir, b)
		if err != nil || !slices.Equal(r.Fetched, fetched) || !slices.Equal(r.There, there) {
			t.Errorf("%s: %+v, %v, want %v fetched and %v there", what, r, err, fetched, there)
		}
		for _, name := range slices.Concat(fetched, there) {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || string(got) != s.files["flows of days/"+name] {
				t.Errorf("%s: %s has %d bytes, %v", what, name, len(got), err)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("%s: %v is left", what, left)
		}
	}
	s.cut = 300_000 // and goes on by itself
	sync("first", []string{"a.csv", "b.csv", "c/d.csv"}, nil)
	if want := []string{"flows of days/a.csv bytes=0-999999", "flows of days/a.csv bytes=300000-999999"}; len(s.got) < 2 || !slices.Equal(s.got[:2], want) {
		t.Errorf("asked for %v, want %v first", s.got, want)
	}
	sync("again", nil, []string{"a.csv", "b.csv", "c/d.csv"})
	s.files["flows of days/b.csv"] = "longer"
	sync("changed", []string{"b.csv"}, []string{"a.csv", "c/d.csv"})

	// What a run that was stopped left is gone on with by the next.
	os.Remove(filepath.Join(dir, "a.csv"))
	ctx, stop := context.WithCancel(context.Background())
	if _, err := Sync(progress.With(ctx, &stopAt{stop: stop}), dir, b); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("stopped: %v", err)
	}
	s.got = nil
	sync("after a stop", []string{"a.csv"}, []string{"b.csv", "c/d.csv"})
	if len(s.got) != 1 || strings.Contains(s.got[0], "bytes=0-") {
		t.Errorf("asked for %v, want the rest", s.got)
	}
}

// stopAt stops when some bytes have come: the first update of a file tells of those that were there.
type stopAt struct {
	stop func()
	n    int
}

func (s *stopAt) Update(progress.Update) {
	if s.n++; s.n == 3 {
		s.stop()
	}
}

func TestSyncErrors(t *testing.T) {
	s := &server{files: map[string]string{"p/../../x": "x", "q/a.csv": "a"}}
	at := httptest.NewServer(s)
	defer at.Close()
	for want, b := range map[string]Bucket{
		`key "p/../../x" would lie outside of the folder`: {Name: "bucket", Prefix: "p/", Endpoint: at.URL},
		`nothing below "r/"`:                              {Name: "bucket", Prefix: "r/", Endpoint: at.URL},
		`endpoint "somewhere"`:                            {Endpoint: "somewhere"},
		`pattern "["`:                                     {Match: "["},
	} {
		if _, err := Sync(quiet(), t.TempDir(), b); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want … %s", err, want)
		}
	}
	if b := (Bucket{}).defaults(); b != (Bucket{"cse-cic-ids2018", "Processed Traffic Data for ML Algorithms/", "us-west-1", "https://s3.us-west-1.amazonaws.com", ""}) {
		t.Errorf("defaults %+v", b)
	}
}

func TestUnpack(t *testing.T) {
	pack := func(names ...string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			if strings.HasSuffix(name, ".lnk") {
				h.SetMode(os.ModeSymlink | 0o777)
			}
			w, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "/") {
				io.WriteString(w, "text of "+name)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dir := t.TempDir()
	names, err := Unpack(quiet(), pack("days/", "days/a.csv", "b.csv"), dir)
	if got, _ := os.ReadFile(filepath.Join(dir, "days", "a.csv")); err != nil || !slices.Equal(names, []string{"days/a.csv", "b.csv"}) || string(got) != "text of days/a.csv" {
		t.Errorf("%v, %v, %q", names, err, got)
	}
	for _, bad := range []string{"../x", "/x", "a/../../x", `..\x`, "x.lnk"} {
		into := filepath.Join(t.TempDir(), "in")
		if _, err := Unpack(quiet(), pack("ok.csv", bad), into); err == nil {
			t.Errorf("%s: no error", bad)
		}
		if _, err := os.Stat(into); err == nil {
			t.Errorf("%s: something was unpacked", bad)
		}
	}
}

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.Arrow)
}

// Each of several archives has a folder of its own, so that files of one name do not meet.
func TestUnpackAll(t *testing.T) {
	dir := t.TempDir()
	var archives []string
	for i := range 2 {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("day.csv")
		if err == nil {
			fmt.Fprint(w, "text ", i)
			err = z.Close()
		}
		archives = append(archives, filepath.Join(dir, fmt.Sprint(i, ".zip")))
		if werr := os.WriteFile(archives[i], b.Bytes(), 0o666); err != nil || werr != nil {
			t.Fatal(err, werr)
		}
	}
	paths, err := UnpackAll(t.Context(), filepath.Join(dir, "out"), archives...)
	if err != nil || len(paths) != 2 {
		t.Fatal(paths, err)
	}
	for i, path := range paths {
		if text, err := os.ReadFile(path); err != nil || string(text) != fmt.Sprint("text ", i) {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}
