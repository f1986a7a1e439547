package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// transport gives up on servers that do not answer, and hands files over as they are: unpacked on the way, a length and a
// place in a file would mean nothing.
var transport = &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	DialContext:           (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
	TLSHandshakeTimeout:   20 * time.Second,
	ResponseHeaderTimeout: time.Minute,
	IdleConnTimeout:       time.Minute,
	DisableCompression:    true,
}

// refused is an error that no further try will change.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

func refusal(format string, args ...any) error { return refused{fmt.Errorf(format, args...)} }

// sameScheme refuses to be sent from https to http, which anybody on the way can read and change, and to anything else
// than was asked for.
func sameScheme(next *http.Request, before []*http.Request) error {
	if first := before[0].URL.Scheme; next.URL.Scheme != first {
		return refusal("the server sends on to %s, which is %s and not %s: if that is right, name it as the address", next.URL.Redacted(), next.URL.Scheme, first)
	}
	if len(before) >= 10 {
		return refusal("the server sends on more than 10 times")
	}
	return nil
}

// status is an answer that is no file.
type status struct {
	code  int
	text  string
	after time.Duration // what the server asks to wait
}

func (s status) Error() string { return "the server answers " + s.text }

// statusError gives the error of an answer without a file, refused unless it may pass.
func statusError(r *http.Response) error {
	s := status{r.StatusCode, r.Status, 0}
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
		s.after = time.Duration(min(seconds, 300)) * time.Second
	}
	switch {
	case s.code == http.StatusNotFound || s.code == http.StatusGone:
		return refused{fmt.Errorf("%w (%s)", ErrNotFound, s.text)}
	case s.code >= 500 || s.code == http.StatusTooManyRequests || s.code == http.StatusRequestTimeout:
		return s
	}
	return refused{s}
}

// offline gives errors of connections that could not be made a common kind.
func offline(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w (%w)", ErrOffline, err)
	}
	return err
}

// contentRange reads "bytes 100-199/200": where the part begins, and the size of the whole, -1 when it is not said. Of
// "bytes */200", the answer that there is no such part, the place is -1.
func contentRange(header string) (from, size int64, err error) {
	bad := fmt.Errorf("the server's Content-Range is %q", header)
	text, ok := strings.CutPrefix(header, "bytes ")
	place, whole, found := strings.Cut(text, "/")
	if !ok || !found {
		return 0, 0, bad
	}
	from, size = -1, -1
	if place != "*" {
		first, _, _ := strings.Cut(place, "-")
		if from, err = strconv.ParseInt(first, 10, 64); err != nil || from < 0 {
			return 0, 0, bad
		}
	}
	if whole != "*" {
		if size, err = strconv.ParseInt(whole, 10, 64); err != nil || size < 0 {
			return 0, 0, bad
		}
	}
	return from, size, nil
}

// validator gives what If-Range may hold: a strong entity tag, or the time of the last change.
func (r Record) validator() string {
	if r.ETag != "" && !strings.HasPrefix(r.ETag, "W/") {
		return r.ETag
	}
	return r.Modified
}
