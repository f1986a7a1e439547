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
	s := status{r.StatusCode, r.Status, web.RetryAfter(r.Header)}
	switch {
	case s.code == http.StatusNotFound || s.code == http.StatusGone:
		return refused{fmt.Errorf("%w (%s)", ErrNotFound, s.text)}
	case s.code >= 500 || s.code == http.StatusTooManyRequests || s.code == http.StatusRequestTimeout:
		return s
	}
	return refused{s}
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
