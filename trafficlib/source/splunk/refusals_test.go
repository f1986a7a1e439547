package splunk

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// refused checks that an error is one line that contains some words, but no secret.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s: no error", what)
	case !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: %q, want %q", what, err, want)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, err); strings.Contains(text, token) || strings.Contains(text, "chang\"me") {
			t.Errorf("%s: %s tells a secret: %s", what, verb, text)
		}
	}
}

// TestConnectRefused checks errors before a search begins.
func TestConnectRefused(t *testing.T) {
	to := func(address string, code int) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, address, code)
			return true
		}
	}
	status := func(code int, body string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(code)
			io.WriteString(w, body)
			return true
		}
	}
	for _, test := range []struct {
		what   string
		before func(w http.ResponseWriter, r *http.Request) bool
		change func(c *Config)
		want   string
		is     error
	}{
		{"a certificate of nobody", nil, func(c *Config) { c.CAFile = "" }, "its certificate is not trusted", nil},
		{"no certificates", nil, func(c *Config) { c.CAFile = "splunk.go" }, "no certificates in PEM", nil},
		{"wrong token", nil, func(c *Config) { c.Credentials = Token("wrong-" + token) }, "call not properly authenticated",
			ErrUnauthorized},
		{"wrong password", nil, func(c *Config) { c.Credentials = Password("admin", "chang\"me?") }, "Login failed",
			ErrUnauthorized},
		{"an echoed token", status(401, `{"messages":[{"type":"WARN","text":"bad `+token+`"}]}`), nil, "bad ***",
			ErrUnauthorized},
		{"forbidden", status(403, `{"messages":[{"type":"ERROR","text":"Action forbidden."}]}`), nil,
			"this user may not do that (403 Forbidden: Action forbidden.)", ErrForbidden},
		{"busy", status(503, "<response><messages><msg type=\"ERROR\">Too\nmany searches</msg></messages></response>"), nil,
			"gave up after 5 tries", ErrBusy},
		{"asked too often", status(429, "no words"), nil, "429 Too Many Requests", ErrBusy},
		{"broken", status(500, "<html>"), nil, "it answers 500 Internal Server Error", nil},
		{"a page", status(200, "<html>welcome"), nil, "is not JSON: is this", nil},
		{"a private address", to("https://169.254.169.254/latest", 307), nil,
			"it redirects to 169.254.169.254, a private address, which is refused", nil},
		{"another private one", to("https://10.0.0.1:8089/services/server/info", 302), nil,
			"it redirects to 10.0.0.1:8089, a private address", nil},
		{"another host", to("https://example.org/", 307), nil, "it redirects to example.org, which is refused", nil},
		{"http", to("http://127.0.0.1:1/", 307), nil, "it redirects to 127.0.0.1:1, a private address", nil},
		{"round and round", to("/again", 307), nil, "redirects more than 5 times", nil},
		{"no host", nil, func(c *Config) { c.Host = "" }, "no host", nil},
		{"plain http", nil, func(c *Config) { c.Host = "http://splunk.example.org" }, "want https", nil},
		{"a password in the address", nil, func(c *Config) { c.Host = "https://admin:" + token + "@x" },
			"has a user or password in it", nil},
		{"no address", nil, func(c *Config) { c.Host = "https://" + token + " x" }, "the host is not an address", nil},
		{"another scheme", nil, func(c *Config) { c.Host = "ftp://x" }, `scheme "ftp"`, nil},
		{"nobody there", nil, func(c *Config) { c.Host = "https://127.0.0.1:1" }, "cannot be reached", ErrOffline},
	} {
		c := serve(t, sim(1), test.before)
		if test.change != nil {
			test.change(&c)
		}
		_, err := Connect(quiet(), c)
		refused(t, test.what, err, test.want)
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v is not %v", test.what, err, test.is)
		}
	}
	// The login is a POST request, which a redirect to a page would turn into a GET.
	c := serve(t, sim(1), to("/en-US/account/login", 303))
	c.Credentials = Password("admin", "chang\"me")
	_, err := Connect(quiet(), c)
	refused(t, "Splunk's pages", err, "is that the port of Splunk's web pages")
}

// TestAnswerRefused checks the errors for invalid responses.
func TestAnswerRefused(t *testing.T) {
	row := `{"preview":false,"offset":0,"result":{"a":"1"}}` + "\n"
	over := make(chan struct{})
	defer close(over)
	for _, test := range []struct {
		what   string
		answer func(w http.ResponseWriter)
		want   string
	}{
		{"5 GB", func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5000000000"); io.WriteString(w, row) },
			"the answer has 5000000000 bytes or more, over the limit of 4294967296"},
		{"cut behind a row", func(w http.ResponseWriter) { io.WriteString(w, row) },
			"record 2: the answer ends before its last row"},
		{"cut in a row", func(w http.ResponseWriter) { io.WriteString(w, row+row[:20]) },
			"record 2: the answer ends before its last row"},
		{"a broken connection", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, row)
		}, "the connection broke in the middle of the answer"},
		{"HTML", func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/html"); io.WriteString(w, "<html>") },
			"a page of HTML"},
		{"HTML that says it is JSON", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "<!doctype html>\n<p>")
		}, `the answer is not JSON: it begins with "<!doctype html>"`},
		{"a failed search", func(w http.ResponseWriter) {
			io.WriteString(w, `{"messages":[{"type":"FATAL","text":"no `+token+`"}]}`)
		}, "the search has failed: no ***"},
		{"nothing for long", func(w http.ResponseWriter) {
			io.WriteString(w, row)
			w.(http.Flusher).Flush()
			<-over
		}, "nothing came for 200ms"},
	} {
		c := serve(t, sim(1), begins(test.answer))
		c.Stall = 200 * time.Millisecond
		s, err := Connect(quiet(), c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Save(quiet(), filepath.Join(t.TempDir(), "a.json"), "search *", Options{})
		refused(t, test.what, err, test.want)
	}
}

// TestTooLarge checks that endless responses stop at the limit. For compressed ones, the
// uncompressed size counts.
func TestTooLarge(t *testing.T) {
	row := `{"preview":false,"offset":0,"result":{"a":"` + strings.Repeat("x", 1000) + `"}}` + "\n"
	for _, packed := range []bool{false, true} {
		c := serve(t, sim(1), begins(func(w http.ResponseWriter) {
			out := io.Writer(w)
			if packed {
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				defer z.Close()
				out = z
			}
			for range 5000 {
				if _, err := io.WriteString(out, row); err != nil {
					return
				}
			}
		}))
		c.MaxBytes = 1 << 20
		s, err := Connect(quiet(), c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Save(quiet(), filepath.Join(t.TempDir(), "a.json"), "search *", Options{})
		refused(t, "too large", err, "over the limit of 1048576")
	}
}

// TestSearchRefused checks that either way to search returns Splunk's own message.
func TestSearchRefused(t *testing.T) {
	s, err := Connect(quiet(), serve(t, sim(1), nil))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Export(quiet(), "search * | frobnicate", Options{})
	refused(t, "export", err, "Unknown search command 'frobnicate'.")
	_, err = s.Oneshot(quiet(), `search a="b`, Options{})
	refused(t, "oneshot", err, "Unbalanced quotes.")
	_, err = s.Oneshot(quiet(), `*`, Options{Earliest: "soon"})
	refused(t, "time", err, "Invalid earliest_time.")
}
