package splunk

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/internal/splunksim"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

const (
	token  = "tok-0123456789"
	search = `search index=cicids17 label=? | table * | sort 0 timestamp | head ?`
)

type silent struct{}

func (silent) Update(progress.Update) {}

func quiet() context.Context { return progress.With(context.Background(), silent{}) }

func records(n int) (all []results.Record) {
	for i := range n {
		all = append(all, results.Record{
			{Name: "_time", Values: []string{"2017-07-07T16:11:01.000+00:00"}}, {Name: "index", Values: []string{"cicids17"}},
			{Name: "label", Values: []string{"BENIGN"}}, {Name: "timestamp", Values: []string{fmt.Sprint(1000 + i)}}, {Name: "two", Values: []string{"1", "2"}},
		})
	}
	return all
}

// serve starts a Splunk over TLS, behind something that may answer in its place, and gives how to reach it.
func serve(t *testing.T, sim *splunksim.Server, before func(w http.ResponseWriter, r *http.Request) bool) Config {
	t.Helper()
	cert, pem, err := splunksim.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before == nil || !before(w, r) {
			sim.ServeHTTP(w, r)
		}
	}))
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem, 0o666); err != nil {
		t.Fatal(err)
	}
	return Config{Host: server.URL, CAFile: ca, Credentials: Token(token), Wait: time.Millisecond}
}

func sim(n int) *splunksim.Server {
	return &splunksim.Server{Records: records(n), Token: token, Username: "admin", Password: "chang\"me"}
}

// begins answers requests of searches, and leaves the others to the server.
func begins(answer func(w http.ResponseWriter)) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/export") {
			return false
		}
		answer(w)
		return true
	}
}

// TestSearch: both ways give the records, with a token and with a password, on a server of today and on an old one.
func TestSearch(t *testing.T) {
	for _, version := range []string{"", "8.2.6"} {
		for _, credentials := range []Credentials{Token(token), Password("admin", "chang\"me")} {
			server := sim(300)
			server.Version = version
			c := serve(t, server, nil)
			c.Credentials = credentials
			s, err := Connect(quiet(), c)
			if err != nil {
				t.Fatal(err)
			}
			if version != "" && s.Version() != version {
				t.Errorf("version %q", s.Version())
			}
			for name, run := range map[string]func(context.Context, string, Options) (*Results, error){"export": s.Export, "oneshot": s.Oneshot} {
				r, err := run(quiet(), Bind(search, "BENIGN", 250), Options{Earliest: "2017-07-07T16:11:00.000", Latest: "2017-07-07T16:11:05.000"})
				if err != nil {
					t.Fatal(err)
				}
				got, err := r.ReadAll()
				if err != nil || !reflect.DeepEqual(got, server.Records[:250]) {
					t.Errorf("%s with %v: %d records, %v", name, credentials, len(got), err)
				}
				r.Close()
			}
			for _, id := range server.Jobs() {
				if server.Cancelled(id) {
					t.Errorf("job %s was read to its end and is cancelled", id)
				}
			}
			path := filepath.Join(t.TempDir(), "a.json.gz")
			n, err := s.Save(quiet(), path, Bind(search, "BENIGN", 7), Options{Count: 5})
			got, readErr := results.ReadFile(path)
			if n != 5 || err != nil || readErr != nil || !reflect.DeepEqual(got, server.Records[:5]) {
				t.Errorf("saved %d, %v; read %d, %v", n, err, len(got), readErr)
			}
			if n, err := s.Save(quiet(), path, Bind(search, "nothing", 7), Options{}); n != 0 || err != nil {
				t.Errorf("nothing: %d, %v", n, err)
			}
		}
	}
}

// TestQuotes: whatever a value holds, it stays a value.
func TestQuotes(t *testing.T) {
	for _, label := range []string{`a "quoted" one`, `back\slash`, `" | delete | search "`, `\"`, `a=b`, "é – ü", `?`} {
		server := sim(3)
		server.Records[1][2].Values = []string{label}
		s, err := Connect(quiet(), serve(t, server, nil))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Export(quiet(), Bind(search, label, 10), Options{})
		if err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		if got, err := r.ReadAll(); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], server.Records[1]) {
			t.Errorf("%s: %v, %v", label, got, err)
		}
	}
	if got, want := Bind(`search a="?\"?" b=? | head ?`, `x"y`, 3), `search a="?\"?" b="x\"y" | head 3`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, values := range [][]any{{}, {1, 2}, {1.5}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Bind takes %v", values)
				}
			}()
			Bind("search a=?", values...)
		}()
	}
}

// refused wants an error of one line that says something, and no secret.
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

// TestConnectRefused: what is wrong before a search begins.
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
		{"wrong token", nil, func(c *Config) { c.Credentials = Token("wrong-" + token) }, "call not properly authenticated", ErrUnauthorized},
		{"wrong password", nil, func(c *Config) { c.Credentials = Password("admin", "chang\"me?") }, "Login failed", ErrUnauthorized},
		{"an echoed token", status(401, `{"messages":[{"type":"WARN","text":"bad `+token+`"}]}`), nil, "bad ***", ErrUnauthorized},
		{"forbidden", status(403, `{"messages":[{"type":"ERROR","text":"Action forbidden."}]}`), nil, "this user may not do that (403 Forbidden: Action forbidden.)", ErrForbidden},
		{"busy", status(503, "<response><messages><msg type=\"ERROR\">Too\nmany searches</msg></messages></response>"), nil, "given up after 5 tries", ErrBusy},
		{"asked too often", status(429, "no words"), nil, "429 Too Many Requests", ErrBusy},
		{"broken", status(500, "<html>"), nil, "it answers 500 Internal Server Error", nil},
		{"a page", status(200, "<html>welcome"), nil, "without JSON", nil},
		{"a private address", to("https://169.254.169.254/latest", 307), nil, "it sends on to 169.254.169.254, a private address, which is refused", nil},
		{"another private one", to("https://10.0.0.1:8089/services/server/info", 302), nil, "it sends on to 10.0.0.1:8089, a private address", nil},
		{"another host", to("https://example.org/", 307), nil, "it sends on to example.org, which is refused", nil},
		{"http", to("http://127.0.0.1:1/", 307), nil, "it sends on to 127.0.0.1:1, a private address", nil},
		{"round and round", to("/again", 307), nil, "sends on more than 5 times", nil},
		{"no host", nil, func(c *Config) { c.Host = "" }, "no host is named", nil},
		{"plain http", nil, func(c *Config) { c.Host = "http://splunk.example.org" }, "want https", nil},
		{"a password in the address", nil, func(c *Config) { c.Host = "https://admin:" + token + "@x" }, "has a user or password in it", nil},
		{"no address", nil, func(c *Config) { c.Host = "https://" + token + " x" }, "the host is no address", nil},
		{"another scheme", nil, func(c *Config) { c.Host = "ftp://x" }, `scheme "ftp"`, nil},
		{"nobody there", nil, func(c *Config) { c.Host = "https://127.0.0.1:1" }, "can not be reached", ErrOffline},
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
	// The login is a post, which a redirect to a page would make a get.
	c := serve(t, sim(1), to("/en-US/account/login", 303))
	c.Credentials = Password("admin", "chang\"me")
	_, err := Connect(quiet(), c)
	refused(t, "Splunk's pages", err, "is that the port of Splunk's pages")
}

// TestAnswerRefused: what is wrong with an answer.
func TestAnswerRefused(t *testing.T) {
	row := `{"preview":false,"offset":0,"result":{"a":"1"}}` + "\n"
	for _, test := range []struct {
		what   string
		answer func(w http.ResponseWriter)
		want   string
	}{
		{"5 GB", func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5000000000"); io.WriteString(w, row) }, "the answer has 5000000000 bytes or more, over the limit of 4294967296"},
		{"cut behind a row", func(w http.ResponseWriter) { io.WriteString(w, row) }, "record 2: the answer ends before its last row"},
		{"cut in a row", func(w http.ResponseWriter) { io.WriteString(w, row+row[:20]) }, "record 2: the answer ends before its last row"},
		{"a broken connection", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, row)
		}, "the connection broke in the midst of the answer"},
		{"HTML", func(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/html"); io.WriteString(w, "<html>") }, "a page of HTML"},
		{"HTML that says it is JSON", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "<!doctype html>\n<p>")
		}, `the answer is no JSON: it begins with "<!doctype html>"`},
		{"a failed search", func(w http.ResponseWriter) {
			io.WriteString(w, `{"messages":[{"type":"FATAL","text":"no `+token+`"}]}`)
		}, "the search has failed: no ***"},
		{"nothing for long", func(w http.ResponseWriter) {
			io.WriteString(w, row)
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}, "nothing has come for 200ms"},
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

// TestTooLarge: answers without an end stop at the limit, packed ones at what they are unpacked.
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

// TestSearchRefused: Splunk's own words, from either way to search.
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

// TestCancel: a context that ends, and results that are closed early, cancel the job on the server.
func TestCancel(t *testing.T) {
	for _, by := range []string{"context", "close"} {
		server := sim(1)
		row := `{"preview":false,"offset":0,"result":{"a":"1"}}` + "\n"
		ended := make(chan struct{})
		c := serve(t, server, func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/export") {
				return false
			}
			server.ServeHTTP(httptest.NewRecorder(), r) // which knows the job then
			io.WriteString(w, row)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			close(ended)
			return true
		})
		s, err := Connect(quiet(), c)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(quiet())
		r, err := s.Export(ctx, "search *", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if by == "close" {
			r.Close()
			if _, err := r.Next(); err == nil {
				t.Error("closed results go on")
			}
		} else {
			time.AfterFunc(20*time.Millisecond, cancel)
			_, err := r.Next()
			refused(t, "cancelled", err, "stopped after 1 records")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v is no context.Canceled", err)
			}
		}
		cancel()
		<-ended
		if jobs := server.Jobs(); len(jobs) != 1 || !strings.HasPrefix(jobs[0], "trafficlab-") || !server.Cancelled(jobs[0]) {
			t.Errorf("by %s: jobs %v are not cancelled", by, jobs)
		}
	}
}

// TestBusy: a server that is busy for a while is asked again when it says.
func TestBusy(t *testing.T) {
	n := 0
	c := serve(t, sim(4), func(w http.ResponseWriter, r *http.Request) bool {
		if n++; n > 2 {
			return false
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader([]int{429, 503}[n-1])
		return true
	})
	began := time.Now()
	if _, err := Connect(quiet(), c); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("asked again after %v", took)
	}
}

// TestInsecure: without a check there is a warning, each time.
func TestInsecure(t *testing.T) {
	c := serve(t, sim(4), nil)
	var said bytes.Buffer
	c.CAFile, c.Insecure, c.Warnings = "", true, &said
	for n := 1; n <= 2; n++ {
		if _, err := Connect(quiet(), c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(said.String(), "is not checked"); got != n {
			t.Errorf("%d warnings after %d connections", got, n)
		}
	}
}

// TestCredentials: where they come from, what of it is refused, and that they can not be printed.
func TestCredentials(t *testing.T) {
	for _, name := range []string{"SPLUNK_TOKEN", "SPLUNK_USERNAME", "SPLUNK_PASSWORD", "SPLUNK_CREDENTIALS"} {
		t.Setenv(name, "")
	}
	_, err := Environment()
	refused(t, "nothing", err, "no credentials: set SPLUNK_TOKEN")
	path := filepath.Join(t.TempDir(), "splunk")
	write := func(text string, mode os.FileMode) {
		os.Remove(path)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SPLUNK_CREDENTIALS", path)
	write("# mine\nhost=x\nusername = admin\npassword='p=q'\n", 0o600)
	if c, err := Environment(); err != nil || c != Password("admin", "p=q") {
		t.Errorf("file: %v, %v", c, err)
	}
	write("token="+token+"\n", 0o640)
	_, err = Environment()
	refused(t, "readable", err, "others can read it (mode 0640): chmod 600 it")
	write("username=admin\n", 0o600)
	_, err = Environment()
	refused(t, "half", err, "want a token, or both")
	write(token, 0o600)
	_, err = Environment()
	refused(t, "no line", err, ":1: no line of the form name=value")
	t.Setenv("SPLUNK_USERNAME", "admin")
	_, err = Environment()
	refused(t, "no password", err, "SPLUNK_USERNAME and SPLUNK_PASSWORD: want")
	t.Setenv("SPLUNK_PASSWORD", "p")
	if c, err := Environment(); err != nil || c != Password("admin", "p") {
		t.Errorf("password: %v, %v", c, err)
	}
	t.Setenv("SPLUNK_TOKEN", token)
	c, err := Environment()
	if err != nil || c != Token(token) {
		t.Errorf("token: %v, %v", c, err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, v := range []any{c, &c, Config{Credentials: c}, &Config{Credentials: Password("admin", token)}, []Credentials{c}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, token) {
				t.Errorf("%s of %T tells the token: %s", verb, v, text)
			}
		}
	}
}
