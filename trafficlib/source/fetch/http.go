package fetch

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
)

var transport = web.Transport(nil, time.Minute)

// refused is a permanent error: trying again cannot help.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

func refusal(format string, args ...any) error { return refused{fmt.Errorf(format, args...)} }

// sameScheme refuses redirects to another scheme, above all from https to http, which anyone on the
// way can read and change.
func sameScheme(next *http.Request, before []*http.Request) error {
	if first := before[0].URL.Scheme; next.URL.Scheme != first {
		return refusal("the server redirects to %s, which is %s and not %s: if that is right, use it as the address",
			next.URL.Redacted(), next.URL.Scheme, first)
	}
	if len(before) >= 10 {
		return refusal("the server redirects more than 10 times")
	}
	return nil
}

// status is a response without a file.
type status struct {
	code  int
	text  string
	after time.Duration // how long the server asks to wait
}

func (s status) Error() string { return "the server replied " + s.text }

// statusError returns the error for a response without a file, refused unless it is transient.
func statusError(r *http.Response) error {
	s := status{r.StatusCode, r.Status, web.RetryAfter(r.Header)}
	switch {
	case s.code == http.StatusNotFound || s.code == http.StatusGone:
		return refused{fmt.Errorf("%w (%s)", ErrNotFound, s.text)}
	case s.code >= 500 || s.code == http.StatusTooManyRequests || s.code == http.StatusRequestTimeout:
		return s
	}
	return refused{s}
}

// contentRange parses "bytes 100-199/200" into the start of the range and the size of the file, -1
// if that is "*". For "bytes */200", which says that the range does not exist, from is -1.
func contentRange(header string) (from, size int64, err error) {
	bad := fmt.Errorf("malformed Content-Range %q", header)
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

// validator returns a value for If-Range, which allows a strong entity tag or a modification time.
func (r Record) validator() string {
	if r.ETag != "" && !strings.HasPrefix(r.ETag, "W/") {
		return r.ETag
	}
	return r.Modified
}
