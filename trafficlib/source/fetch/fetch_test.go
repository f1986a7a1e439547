package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// content returns n bytes that do not repeat, so that a misplaced part is noticed.
func content(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// server answers requests in turn, the last answer serving all that follow, and keeps their
// headers.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	heads []http.Header
}

func serve(t *testing.T, answers ...http.HandlerFunc) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		n := len(s.heads)
		s.heads = append(s.heads, r.Header.Clone())
		s.mu.Unlock()
		answers[min(n, len(answers)-1)](w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads
}

// whole answers as a well-behaved server does, with ranges on request.
func whole(data []byte, tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		http.ServeContent(w, r, "x.bin", time.Time{}, bytes.NewReader(data))
	}
}

// cut promises length bytes, sends some and breaks the connection.
func cut(data []byte, send, length int, tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		w.Header().Set("Content-Length", fmt.Sprint(length))
		w.Write(data[:send])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func answer(code int, body string, head ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i+1 < len(head); i += 2 {
			w.Header().Set(head[i], head[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

var quick = Options{Wait: time.Millisecond, Tries: 3}

// get downloads to a path in a new folder.
func get(t *testing.T, s *server, o Options) (path string, r Record, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "2019", "x.bin")
	r, err = File(t.Context(), s.URL+"/x.bin", path, o)
	return path, r, err
}

// isWhole checks a file and its record, and that nothing else is left.
func isWhole(t *testing.T, path string, r Record, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, want %d (the same: %v), %v", len(got), len(want), bytes.Equal(got, want), err)
	}
	sum := sha256.Sum256(want)
	var kept Record
	data, err := os.ReadFile(path + ".json")
	if err != nil || json.Unmarshal(data, &kept) != nil || kept != r || r.SHA256 != hex.EncodeToString(sum[:]) ||
		r.Bytes != int64(len(want)) {
		t.Errorf("record %+v, kept %s, %v", r, data, err)
	}
	if left, _ := filepath.Glob(path + ".part*"); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestFile(t *testing.T) {
	data, other := content(1, 300_000), content(2, 280_000)
	for what, c := range map[string]struct {
		answers []http.HandlerFunc
		want    []byte
		ranges  []string // of the requests, in order
	}{
		"plainly": {[]http.HandlerFunc{whole(data, `"1"`)}, data, []string{""}},
		"cut": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`), whole(data, `"1"`)}, data,
			[]string{"", "bytes=100000-"}},
		"cut twice": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`), answer(503, ""),
			whole(data, `"1"`)}, data, []string{"", "bytes=100000-", "bytes=100000-"}},
		"no range": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`),
			answer(200, string(data), "ETag", `"1"`)}, data, []string{"", "bytes=100000-"}},
		"changed": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`), whole(other, `"2"`)}, other,
			[]string{"", "bytes=100000-"}},
		"weak tag": {[]http.HandlerFunc{cut(data, 100_000, len(data), `W/"1"`), whole(data, `W/"1"`)}, data,
			[]string{"", ""}},
		"no tag": {[]http.HandlerFunc{cut(data, 100_000, len(data), ""), whole(data, "")}, data,
			[]string{"", ""}},
		"a length too big": {[]http.HandlerFunc{cut(data, len(data), len(data)+1000, `"1"`), whole(data, `"1"`)}, data,
			[]string{"", "bytes=300000-", ""}},
		"another part": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`),
			answer(206, string(data[:50]), "Content-Range", "bytes 0-49/300000"), whole(data, `"1"`)},
			data, []string{"", "bytes=100000-", ""}},
		"another whole": {[]http.HandlerFunc{cut(data, 100_000, len(data), `"1"`),
			answer(206, string(data[100_000:]), "Content-Range", "bytes 100000-299999/300001"), whole(data, `"1"`)},
			data, []string{"", "bytes=100000-", ""}},
		"no length": {[]http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			w.Write(data[:9])
			w.(http.Flusher).Flush()
			w.Write(data[9:])
		}}, data, []string{""}},
		"busy": {[]http.HandlerFunc{answer(503, "later"), answer(429, "later"), whole(data, "")}, data,
			[]string{"", "", ""}},
		"nothing in it": {[]http.HandlerFunc{whole(nil, `"1"`)}, nil, []string{""}},
		"redirected": {[]http.HandlerFunc{answer(302, "", "Location", "/y.bin"), whole(data, `"1"`)}, data,
			[]string{"", ""}},
	} {
		t.Run(what, func(t *testing.T) {
			s := serve(t, c.answers...)
			path, r, err := get(t, s, quick)
			if err != nil {
				t.Fatal(err)
			}
			isWhole(t, path, r, c.want)
			var ranges []string
			for _, h := range s.requests() {
				ranges = append(ranges, h.Get("Range"))
				if (h.Get("Range") != "") != (h.Get("If-Range") == `"1"`) {
					t.Errorf("Range %q with If-Range %q", h.Get("Range"), h.Get("If-Range"))
				}
			}
			if fmt.Sprintf("%q", ranges) != fmt.Sprintf("%q", c.ranges) {
				t.Errorf("asked for the ranges %q, want %q", ranges, c.ranges)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	data := content(1, 300_000)
	noZip := func(begin []byte) error {
		if !bytes.HasPrefix(begin, []byte{0x1f, 0x8b}) {
			return errors.New("not a capture")
		}
		return nil
	}
	small := Options{Wait: time.Millisecond, Tries: 3, MaxBytes: 200_000}
	accept := Options{Wait: time.Millisecond, Tries: 3, Accept: noZip}
	for what, c := range map[string]struct {
		answer   http.HandlerFunc
		o        Options
		want     string
		requests int
	}{
		"not found":   {answer(404, "<html>none</html>"), quick, "not found (404 Not Found)", 1},
		"forbidden":   {answer(403, ""), quick, "the server replied 403 Forbidden", 1},
		"always busy": {answer(500, ""), quick, "giving up after 3 tries: the server replied 500", 3},
		"always cut":  {cut(data, 0, len(data), ""), quick, "giving up after 3 tries: unexpected EOF", 3},
		"a page": {answer(200, "<!DOCTYPE html><title>Sorry</title>"), accept, "sent an HTML page: not a capture",
			1},
		"another kind": {whole(data, ""), accept, "not a capture", 1},
		"too large":    {whole(data, ""), small, "the file has at least 300000 bytes, over the limit of 200000", 1},
		"too large, unsaid": {func(w http.ResponseWriter, r *http.Request) {
			w.Write(data[:9])
			w.(http.Flusher).Flush()
			w.Write(data[9:])
		}, small, "over the limit of 200000", 1},
		"to https": {answer(302, "", "Location", "https://127.0.0.1:1/x.bin"), quick,
			"redirects to https://127.0.0.1:1/x.bin, which is https and not http", 1},
		"to a file":   {answer(302, "", "Location", "file:///etc/hostname"), quick, "which is file and not http", 1},
		"in a circle": {answer(302, "", "Location", "/x.bin"), quick, "more than 10 times", 10},
	} {
		t.Run(what, func(t *testing.T) {
			s := serve(t, c.answer)
			path, _, err := get(t, s, c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") ||
				!strings.HasPrefix(err.Error(), "fetch: "+s.URL+"/x.bin: ") {
				t.Errorf("%v, want one line with %q", err, c.want)
			}
			if errors.Is(err, ErrNotFound) != (what == "not found") {
				t.Errorf("not found: %v", errors.Is(err, ErrNotFound))
			}
			if n := len(s.requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is a file: %v", err)
			}
		})
	}
	// An address where nobody listens.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = File(t.Context(), "http://"+l.Addr().String()+"/x", filepath.Join(t.TempDir(), "x"), quick)
	if !errors.Is(err, ErrOffline) || errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "\n") ||
		strings.Count(err.Error(), "http://") != 1 {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := File(t.Context(), "ftp://127.0.0.1/x", filepath.Join(t.TempDir(), "x"), quick); err == nil ||
		!strings.Contains(err.Error(), `scheme "ftp"`) {
		t.Errorf("ftp: %v", err)
	}
}

// sink records updates.
type sink struct{ all []progress.Update }

func (s *sink) Update(u progress.Update) { s.all = append(s.all, u) }

// TestStopped stops a download and resumes it in another call, as after a crash.
func TestStopped(t *testing.T) {
	data := content(1, 300_000)
	ctx, stop := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", "300000")
		w.Write(data[:120_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, whole(data, `"1"`))
	path := filepath.Join(t.TempDir(), "x.bin")
	told := &sink{}
	stopping := progress.With(ctx, stopper{told, stop})
	if _, err := File(stopping, s.URL+"/x.bin", path, quick); !errors.Is(err, context.Canceled) ||
		!strings.Contains(err.Error(), "which are kept") {
		t.Fatalf("stopped: %v", err)
	}
	told = &sink{}
	r, err := File(progress.With(t.Context(), told), s.URL+"/x.bin", path, quick)
	if err != nil {
		t.Fatal(err)
	}
	isWhole(t, path, r, data)
	last := told.all[len(told.all)-1]
	if last.First != 120_000 || last.Done != 300_000 || last.Total != 300_000 || !last.Final || last.Task != "x.bin" {
		t.Errorf("progress ended with %+v", last)
	}
	// A file that exists is not requested again.
	again, err := File(t.Context(), s.URL+"/x.bin", path, quick)
	if err != nil || !again.Already || again.SHA256 != r.SHA256 || len(s.requests()) != 2 {
		t.Errorf("again: %+v, %v, %d requests", again, err, len(s.requests()))
	}
	replace := quick
	replace.Replace = true
	replaced, err := File(t.Context(), s.URL+"/x.bin", path, replace)
	if err != nil || replaced != r || len(s.requests()) != 3 {
		t.Errorf("replaced: %+v, %v, %d requests", replaced, err, len(s.requests()))
	}
	isWhole(t, path, r, data)
	if err := os.WriteFile(path, data[:9], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := File(t.Context(), s.URL+"/x.bin", path, quick); err == nil ||
		!strings.Contains(err.Error(), "has 9 bytes but had 300000") {
		t.Errorf("a file that was changed: %v", err)
	}
}

// stopper calls stop once some bytes have arrived.
type stopper struct {
	*sink
	stop func()
}

func (s stopper) Update(u progress.Update) {
	s.sink.Update(u)
	if u.Done >= 120_000 {
		s.stop()
	}
}

// TestStall downloads from a server that falls silent halfway.
func TestStall(t *testing.T) {
	data := content(1, 300_000)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", "300000")
		w.Write(data[:1000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, whole(data, `"1"`))
	path, r, err := get(t, s, Options{Wait: time.Millisecond, Stall: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	isWhole(t, path, r, data)
	if got := s.requests()[1].Get("Range"); got != "bytes=1000-" {
		t.Errorf("asked for %q", got)
	}
}

func TestNoRecord(t *testing.T) {
	s := serve(t, whole([]byte("text"), ""))
	path, r, err := get(t, s, Options{NoRecord: true})
	if err != nil || r.Bytes != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("left %v, %v, want the file alone", all, err)
	}
}

func TestPage(t *testing.T) {
	s := serve(t, answer(200, "<html>hello</html>"))
	page, err := Page(t.Context(), s.URL+"/", quick)
	if err != nil || string(page) != "<html>hello</html>" {
		t.Errorf("%q, %v", page, err)
	}
}
