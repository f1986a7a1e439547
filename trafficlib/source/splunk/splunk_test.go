package splunk

import (
	"bytes"
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

	"github.com/trafficlab/trafficlab/trafficlib/internal/splunksim"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
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
			{Name: "label", Values: []string{"BENIGN"}}, {Name: "timestamp", Values: []string{fmt.Sprint(1000 + i)}},
			{Name: "two", Values: []string{"1", "2"}}})
	}
	return all
}

// serve starts a Splunk over TLS, behind a handler that may respond in its place, and returns how
// to reach it.
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

// begins responds to requests that begin a search, and leaves the others to the server.
func begins(answer func(w http.ResponseWriter)) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/export") {
			return false
		}
		answer(w)
		return true
	}
}

// TestSearch checks that both ways to search return the records, with a token and with a password,
// on a current and on an old server.
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
			for name, run := range map[string]func(context.Context, string, Options) (*Results, error){
				"export":  s.Export,
				"oneshot": s.Oneshot,
			} {
				r, err := run(quiet(), Bind(search, "BENIGN", 250),
					Options{Earliest: "2017-07-07T16:11:00.000", Latest: "2017-07-07T16:11:05.000"})
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

// TestQuotes checks that a value stays a value, whatever it contains.
func TestQuotes(t *testing.T) {
	for _, label := range []string{`a "quoted" one`, `back\slash`, `" | delete | search "`, `\"`, `a=b`,
		"é – ü", `?`} {
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

// TestCancel checks that a canceled context, and results that are closed early, cancel the job on
// the server.
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

// TestBusy checks that a request to a busy server is repeated when the server says.
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

// TestInsecure checks that each connection without verification prints a warning.
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

// TestCredentials checks where credentials come from, which are refused, and that they cannot be
// printed.
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
		for _, v := range []any{c, &c, Config{Credentials: c}, &Config{Credentials: Password("admin", token)},
			[]Credentials{c}} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, token) {
				t.Errorf("%s of %T tells the token: %s", verb, v, text)
			}
		}
	}
}
