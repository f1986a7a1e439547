// Package web is what the packages that ask servers share: a transport that gives up, and errors in plain words.
//
// It takes what net/http gives and knows no server. Package fetch downloads files by it, package splunk searches.
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

// ErrOffline is that no connection could be made.
var ErrOffline = errors.New("can not be reached: is this machine offline, or the server down?")

// Agent is how requests name this program.
const Agent = "trafficlab (+https://github.com/trafficlab/trafficlab)"

// Transport gives a transport that gives up on servers that do not answer within wait, and hands answers over as they
// are, not unpacked on the way. config may be nil.
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

// RetryAfter gives what a server asks to wait, at most five minutes, and 0 when it asks for nothing.
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

// Offline gives errors of connections that could not be made a common kind.
func Offline(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w (%w)", ErrOffline, err)
	}
	return err
}

// Plain takes the method and the address off an error of net/http, which say nothing new.
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
