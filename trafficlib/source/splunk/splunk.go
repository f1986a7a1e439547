// Package splunk searches a Splunk by its REST API.
//
// It takes a search in Splunk's language, with values that it quotes (Bind), and returns records as
// they come (Export), all at once (Oneshot), or as a file of them (Save), which packages results
// and cic2017 read. It signs in with a token, or a user and a password. These come from the
// environment or from a file that nobody else can read, and no error, log line or printed value
// shows them.
//
// The connection is HTTPS, and its certificate is checked; Config.Insecure switches the check off,
// with a warning each time. Refused, each in one line, are http to anything but this machine, a
// redirect to another host or a private address, a search that Splunk refuses, and an answer that
// is not JSON, that is cut off, or that is larger than Config.MaxBytes. A busy server (429, 503) is
// asked again when it says so, or after growing waits. When the context ends, the job is canceled
// on the server too.
package splunk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
)

// What an error of Splunk may mean, for errors.Is.
var (
	ErrUnauthorized = errors.New("it does not accept the token, or the user and password")
	ErrForbidden    = errors.New("this user may not do that")
	ErrBusy         = errors.New("it is asked too often, or has too much to do")
	ErrOffline      = web.ErrOffline
)

// Config says which Splunk, and how to talk to it. Only Host must be set.
type Config struct {
	Host        string        // a name, name:port, or https://name:port; the port is 8089 by default
	Credentials Credentials   // the zero value means those of Environment
	CAFile      string        // certificates in PEM of further authorities that may have signed the server's
	Insecure    bool          // accept any certificate, with a warning each time: anybody on the way can read everything
	Warnings    io.Writer     // where the warning goes; nil means standard error
	MaxBytes    int64         // the largest answer; 0 means 4 GiB
	Tries       int           // how often a busy server is asked; 0 means 5
	Wait        time.Duration // before the second try, doubled before each later one; 0 means 1 s
	Begin       time.Duration // how long the answer to a search may take to begin; 0 means 10 minutes
	Stall       time.Duration // how long an answer may pause; 0 means 2 minutes
}

func (c Config) withDefaults() Config {
	if c.Warnings == nil {
		c.Warnings = os.Stderr
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 4 << 30
	}
	if c.Tries == 0 {
		c.Tries = 5
	}
	if c.Wait == 0 {
		c.Wait = time.Second
	}
	if c.Begin == 0 {
		c.Begin = 10 * time.Minute
	}
	if c.Stall == 0 {
		c.Stall = 2 * time.Minute
	}
	return c
}

// A Service is a Splunk that can be searched. Several goroutines may use it at once.
type Service struct {
	Config
	base    *url.URL
	client  *http.Client
	session string // the header Authorization
	version string // of the server
}

// Connect connects to the server and signs in.
func Connect(ctx context.Context, c Config) (*Service, error) {
	s, err := connect(ctx, c.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("splunk: %w", err)
	}
	return s, nil
}

func connect(ctx context.Context, c Config) (*Service, error) {
	base, err := address(c.Host)
	if err != nil {
		return nil, err
	}
	if !c.Credentials.some() {
		if c.Credentials, err = Environment(); err != nil {
			return nil, err
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.Insecure}
	if c.CAFile != "" {
		if config.RootCAs, err = roots(c.CAFile); err != nil {
			return nil, err
		}
	}
	if c.Insecure && base.Scheme == "https" {
		fmt.Fprintf(c.Warnings, "warning: the certificate of %s is not checked: "+
			"anybody on the way can read and change what is sent, the password too\n", base.Host)
	}
	transport := web.Transport(config, c.Begin)
	if loopback(base.Hostname()) {
		transport.Proxy = nil
	}
	s := &Service{Config: c, base: base, client: &http.Client{Transport: transport, CheckRedirect: stay}}
	if err := s.login(ctx); err != nil {
		return nil, s.hide(err)
	}
	// This is also the first use of a token: better it fails here than in the middle of a notebook.
	var info struct {
		Entry []struct{ Content struct{ Version string } }
	}
	if err := s.small(ctx, http.MethodGet, "services/server/info", url.Values{}, &info); err != nil {
		return nil, s.hide(err)
	}
	if len(info.Entry) > 0 {
		s.version = info.Entry[0].Content.Version
	}
	return s, nil
}

// Version returns the version of the server, such as "9.2.1".
func (s *Service) Version() string { return s.version }

// address completes the name that a user gives the server.
func address(host string) (*url.URL, error) {
	if host == "" {
		return nil, errors.New("no host: want a name, or name:port")
	}
	text := host
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("the host is not an address: want a name, name:port, or https://name:port")
	case u.User != nil:
		return nil, errors.New("the host has a user or password in it: these come from the environment or a file")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("host %q: scheme %q, want https", host, u.Scheme)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("host %q: http would let everybody on the way read the password and all records: want https",
			host)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("host %q: want a name and a port, and nothing after", host)
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), "8089")
	}
	u.Path = strings.TrimSuffix(u.Path, "/")
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func roots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificates in PEM", path)
	}
	return pool, nil
}

// stay refuses redirects to other hosts, and those that would lose what was posted.
func stay(next *http.Request, before []*http.Request) error {
	first := before[0]
	switch to := next.URL; {
	case to.Scheme != first.URL.Scheme || to.Host != first.URL.Host:
		return fmt.Errorf("it redirects to %s%s, which is refused: if that is right, name it as the host", to.Host,
			private(to.Hostname()))
	case next.Method != first.Method:
		return fmt.Errorf("it redirects to %s: is that the port of Splunk's web pages, and not of its API (8089)?", to.Path)
	case len(before) >= 5:
		return errors.New("it redirects more than 5 times")
	}
	return nil
}

// private describes an address that only machines nearby can reach.
func private(host string) string {
	if ip := net.ParseIP(host); ip != nil && (ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() ||
		ip.IsUnspecified()) {
		return ", a private address"
	}
	return ""
}

// login exchanges user and password for a session; a token needs none.
func (s *Service) login(ctx context.Context) error {
	if s.Credentials.token != "" {
		s.session = "Bearer " + s.Credentials.token
		return nil
	}
	form := url.Values{"username": {s.Credentials.user}, "password": {s.Credentials.password}}
	var answer struct{ SessionKey string }
	if err := s.small(ctx, http.MethodPost, "services/auth/login", form, &answer); err != nil {
		return err
	}
	if answer.SessionKey == "" {
		return errors.New("it signs in but returns no session key")
	}
	s.session = "Splunk " + answer.SessionKey
	return nil
}

// small requests a small JSON object.
func (s *Service) small(ctx context.Context, method, path string, form url.Values, into any) error {
	form.Set("output_mode", "json")
	answer, err := s.ask(ctx, method, path, form)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		return err
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("its answer to %s is not JSON: is this the API of a Splunk (its port is 8089)?", path)
	}
	return nil
}

// ask sends a request until the server accepts it, and returns the answer if its status is good.
func (s *Service) ask(ctx context.Context, method, path string, form url.Values) (*http.Response, error) {
	wait := s.Wait
	for try := 1; ; try++ {
		answer, err := s.once(ctx, method, path, form)
		if err == nil {
			return answer, nil
		}
		var f *failure
		if !errors.As(err, &f) || !errors.Is(err, ErrBusy) {
			return nil, err
		}
		if try >= s.Tries {
			return nil, fmt.Errorf("gave up after %d tries: %w", try, err)
		}
		pause := max(time.Duration((0.5+rand.Float64())*float64(wait)), f.after)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		wait = min(2*wait, time.Minute)
	}
}

func (s *Service) once(ctx context.Context, method, path string, form url.Values) (*http.Response, error) {
	u := *s.base
	u.Path += "/" + path
	var body io.Reader
	if method == http.MethodGet {
		u.RawQuery = form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", web.Agent)
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.session != "" {
		request.Header.Set("Authorization", s.session)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, certificate(web.Plain(web.Offline(err)))
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		defer answer.Body.Close()
		return nil, failed(answer)
	}
	return answer, nil
}

// certificate adds to an error what to do about a certificate that is not trusted.
func certificate(err error) error {
	var bad *tls.CertificateVerificationError
	if errors.As(err, &bad) {
		return fmt.Errorf("its certificate is not trusted: %w: set CAFile to the certificate of the authority that signed it",
			bad.Err)
	}
	return err
}
