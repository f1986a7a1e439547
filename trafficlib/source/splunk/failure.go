package splunk

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/web"
)

// A failure is an answer with the status of an error.
type failure struct {
	kind  error // one of the Err values, or nil
	code  int
	text  string
	after time.Duration
}

func (f *failure) Error() string {
	if f.kind != nil {
		return fmt.Sprintf("%v (%s)", f.kind, f.text)
	}
	return "it answers " + f.text
}

func (f *failure) Unwrap() error { return f.kind }

// failed returns the error of an answer, with what Splunk says in it.
func failed(r *http.Response) error {
	f := &failure{code: r.StatusCode, text: r.Status}
	switch r.StatusCode {
	case http.StatusUnauthorized:
		f.kind = ErrUnauthorized
	case http.StatusForbidden:
		f.kind = ErrForbidden
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		f.kind, f.after = ErrBusy, web.RetryAfter(r.Header)
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, 64<<10)) // a part of it will do
	if words := said(body); words != "" {
		f.text += ": " + words
	}
	return f
}

// said returns the words of Splunk's messages, in JSON or XML, in one line.
func said(body []byte) string {
	var words []string
	var j struct{ Messages []struct{ Text string } }
	var x struct {
		Messages []string `xml:"messages>msg"`
	}
	if json.Unmarshal(body, &j) == nil {
		for _, m := range j.Messages {
			words = append(words, m.Text)
		}
	} else if xml.Unmarshal(body, &x) == nil {
		words = x.Messages
	}
	text := strings.Join(strings.Fields(strings.Join(words, "; ")), " ")
	if r := []rune(text); len(r) > 300 {
		text = string(r[:300]) + "…"
	}
	return text
}
