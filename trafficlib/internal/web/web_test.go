package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "-3": 0, "99999": 5 * time.Minute, "soon": 0, "Wed, 21 Oct 2015 07:28:00 GMT": 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	in := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	if got := RetryAfter(http.Header{"Retry-After": {in}}); got < 50*time.Second || got > time.Minute {
		t.Errorf("%s: %v", in, got)
	}
}

// TestOffline checks that the error of a connection that nobody accepts does not contain the
// address of the request.
func TestOffline(t *testing.T) {
	client := http.Client{Transport: Transport(nil, time.Second)}
	_, err := client.Get("http://127.0.0.1:1/secret")
	err = Plain(Offline(err))
	if !errors.Is(err, ErrOffline) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}
