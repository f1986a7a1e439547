package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

var quiet = log.New(io.Discard, "", 0)

// client is a program with its settings.
type client struct {
	name     string
	share    int // percentage of the sessions
	min, max uint16
	run      func(v *visit) error
}

// visit is a session of a client with a site.
type visit struct {
	client client
	site   *site
	work   string
	number int
	pages  []int
	think  []time.Duration // before each page except the first
	resume bool
	again  bool // one renegotiation, if the site allows it
}

// clients are the programs, with their TLS versions.
var clients = []client{
	{name: "go", share: 22, min: tls12, max: tls13, run: (*visit).goHTTP},
	{name: "go, set to 1.2", share: 10, min: tls10, max: tls12, run: (*visit).goHTTP},
	{name: "go, old", share: 8, min: tls10, max: tls10, run: (*visit).goHTTP},
	{name: "openssl", share: 14, min: tls10, max: tls13, run: (*visit).openSSL},
	{name: "openssl, set to 1.2", share: 12, min: tls10, max: tls12, run: (*visit).openSSL},
	{name: "openssl, set to 1.1", share: 8, min: tls10, max: tls11, run: (*visit).openSSL},
	{name: "curl", share: 14, min: tls12, max: tls13, run: (*visit).curl},
	{name: "wget", share: 12, min: tls12, max: tls13, run: (*visit).wget},
}

// newVisit chooses a client and a site with a common version. It makes all random choices of a
// visit, so that they depend on the seed alone and not on concurrent visits.
func newVisit(rng *rand.Rand, sites []*site, work string) (*visit, bool) {
	for range 100 {
		at, c := rng.IntN(100), client{}
		for _, c = range clients {
			if at -= c.share; at < 0 {
				break
			}
		}
		s := sites[rng.IntN(len(sites))]
		if c.max < s.min || s.max < c.min {
			continue
		}
		v := &visit{client: c, site: s, work: work, number: rng.IntN(1 << 30), resume: rng.Float64() < 0.2,
			again: rng.Float64() < 0.04}
		for range 1 + min(int(rng.ExpFloat64()*1.5), 6) {
			v.pages = append(v.pages, int(30*rng.Float64()*rng.Float64()))
			v.think = append(v.think, time.Duration(rng.ExpFloat64()*40)*time.Millisecond)
		}
		return v, true
	}
	return nil, false
}

func (v *visit) run() error {
	if v.site.openssl {
		v.site.busy.Lock()
		defer v.site.busy.Unlock()
	}
	return v.client.run(v)
}

// goHTTP requests pages over one connection with Go's client.
func (v *visit) goHTTP() error {
	config := &tls.Config{MinVersion: v.client.min, MaxVersion: v.client.max, ServerName: v.site.name,
		InsecureSkipVerify: true}
	if v.resume {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	}
	t := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: v.number%3 == 0}
	defer t.CloseIdleConnections()
	h := &http.Client{Transport: t, Timeout: 10 * time.Second}
	rounds := 1
	if v.resume { // a second connection that resumes the session of the first
		rounds = 2
	}
	for range rounds {
		for i, p := range v.pages {
			if i > 0 {
				time.Sleep(v.think[i])
			}
			answer, err := h.Get("https://" + v.site.address + "/" + page(p))
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				return err
			}
			answer.Body.Close()
		}
		t.CloseIdleConnections()
	}
	return nil
}

// openSSL requests a page with s_client.
func (v *visit) openSSL() error {
	args := []string{"s_client", "-connect", v.site.address, "-servername", v.site.name, "-min_protocol",
		version(v.client.min),
		"-max_protocol", version(v.client.max), "-cipher", "ALL:!aNULL:!eNULL:@SECLEVEL=0", "-ign_eof"}
	again := v.again && v.site.renegotiates
	if again {
		args = args[:len(args)-1]
	}
	saved := filepath.Join(v.work, fmt.Sprint("session", v.number))
	if v.resume {
		if err := v.once(append(args, "-sess_out", saved), false); err != nil {
			return err
		}
		if _, err := os.Stat(saved); err == nil {
			args = append(args, "-sess_in", saved)
		}
	}
	return v.once(args, again)
}

func (v *visit) once(args []string, again bool) error {
	cmd := exec.Command("openssl", args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(80*time.Millisecond + v.think[0])
	if again {
		fmt.Fprintln(in, "R")
		time.Sleep(80 * time.Millisecond)
	}
	fmt.Fprintf(in, "GET /%s HTTP/1.0\r\n\r\n", page(v.pages[0]))
	time.Sleep(300 * time.Millisecond)
	in.Close()
	return cmd.Wait()
}

// curl requests pages over one connection.
func (v *visit) curl() error {
	host, _, err := net.SplitHostPort(v.site.address)
	if err != nil {
		return err
	}
	args := []string{"-sk", "--max-time", "10", "--resolve", v.site.name + ":443:" + host}
	for _, p := range v.pages {
		args = append(args, "https://"+v.site.name+"/"+page(p), "-o", os.DevNull)
	}
	return exec.Command("curl", args...).Run()
}

// wget requests a page.
func (v *visit) wget() error {
	var said strings.Builder
	cmd := exec.Command("wget", "-q", "-O", os.DevNull, "--no-check-certificate", "--tries=1", "--timeout=10",
		"https://"+v.site.address+"/"+page(v.pages[0]))
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}
