// Package web holds what the packages that send HTTP requests share: a transport with timeouts, and
// plain errors. Package fetch downloads files with it, and package splunk searches.
package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrOffline reports that no connection could be made.
var ErrOffline = errors.New("cannot be reached: is this machine offline, or the server down?")

// Agent is the User-Agent of requests.
const Agent = "trafficlab (+https://github.com/trafficlab/trafficlab)"

// Transport returns a transport that gives up if a server does not respond within wait, and does
// not decompress responses. config may be nil.
func Transport(config *tls.Config, wait time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: wait,
		IdleConnTimeout:       time.Minute,
		DisableCompression:    true,
	}
}

// RetryAfter returns how long a server asks to wait, at most five minutes, or 0 if it does not ask.
func RetryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), 300)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(at), 0), 5*time.Minute)
	}
	return 0
}

// Offline wraps err in ErrOffline if it says that no connection could be made. It returns other
// errors unchanged.
func Offline(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w (%w)", ErrOffline, err)
	}
	return err
}

// Plain removes the method and the address from an error of net/http, which the caller knows.
func Plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if errors.Is(err, ErrOffline) {
			return fmt.Errorf("%w (%w)", ErrOffline, u.Err)
		}
		return u.Err
	}
	return err
}
