package main

import (
	"fmt"
	"math/rand/v2"
)

// packet is a packet of a flow.
type packet struct {
	at       float64 // microseconds since the first packet
	forward  bool
	payload  int
	fin, syn bool
	rst, psh bool
}

// flow is a conversation of two hosts.
type flow struct {
	src, dst         string
	srcPort, dstPort int
	protocol         int // 6 or 17
	window, answer   int // initial receive windows of both sides, -1 for none
	label            string
	at               int // milliseconds since the beginning of the searched time
	packets          []packet
}

// add appends a packet, some time after the previous one.
func (f *flow) add(after float64, forward bool, payload int) *packet {
	at := 0.0
	if n := len(f.packets); n > 0 {
		at = f.packets[n-1].at + max(1, after)
	}
	f.packets = append(f.packets, packet{at: at, forward: forward, payload: payload, psh: payload > 0 && payload < 1460})
	return &f.packets[len(f.packets)-1]
}

// some draws a time with a mean, in microseconds.
func some(r *rand.Rand, mean float64) float64 { return mean * r.ExpFloat64() }

func inside(r *rand.Rand) string {
	return fmt.Sprintf("192.168.10.%d", []int{5, 8, 9, 12, 14, 15, 16, 17, 25}[r.IntN(9)])
}

// outside returns the address of one of a few servers, from the ranges for documentation (RFC
// 5737).
func outside(r *rand.Rand) string {
	return fmt.Sprintf("%s.%d", []string{"198.51.100", "203.0.113"}[r.IntN(2)], 10+r.IntN(6))
}

func high(r *rand.Rand) int { return 49152 + r.IntN(16000) }

// ordinary returns a flow of normal use.
func ordinary(r *rand.Rand) flow {
	switch k := r.Float64(); {
	case k < 0.3: // a DNS query
		f := flow{src: inside(r), dst: "192.168.10.3", srcPort: high(r), dstPort: 53, protocol: 17, window: -1, answer: -1}
		ask, say := 30+r.IntN(25), 60+r.IntN(180)
		for range 1 + r.IntN(2) {
			f.add(some(r, 40), true, ask)
		}
		for range 1 + r.IntN(2) {
			f.add(some(r, 25000), false, say)
		}
		return f
	case k < 0.45: // a connection with only keep-alives
		f := flow{src: outside(r), dst: inside(r), srcPort: 443, dstPort: high(r), protocol: 6,
			window: 200 + r.IntN(60), answer: -1}
		f.add(0, true, 6)
		for range r.IntN(5) {
			f.add(some(r, 9e6), r.IntN(2) == 0, 6)
		}
		return f
	case k < 0.8: // web pages
		f := flow{src: inside(r), dst: outside(r), srcPort: high(r), dstPort: []int{443, 443, 80}[r.IntN(3)], protocol: 6,
			window: 29200, answer: 28960}
		talk(&f, r, 2+r.IntN(12), 400, 4000, 60000)
		return f
	case k < 0.9: // pages of the local server, which is the target of the attack
		f := flow{src: []string{inside(r), "172.16.0.1"}[r.IntN(2)], dst: "192.168.10.50", srcPort: high(r), dstPort: 80,
			protocol: 6, window: 8192, answer: 229}
		talk(&f, r, 1+r.IntN(4), 350, 11000, 80000)
		return f
	case k < 0.97: // LDAP, SSH or Kerberos
		f := flow{src: inside(r), dst: "192.168.10.50", srcPort: high(r), dstPort: []int{389, 22, 88}[r.IntN(3)], protocol: 6,
			window: 29200, answer: 243}
		talk(&f, r, 10+r.IntN(25), 120, 250, 2e6)
		return f
	default: // NTP
		f := flow{src: inside(r), dst: outside(r), srcPort: 123, dstPort: 123, protocol: 17, window: -1, answer: -1}
		f.add(0, true, 48)
		f.add(some(r, 50000), false, 48)
		return f
	}
}

// flood returns a flow of a program that requests a page of one server from many ports, as fast as
// it can. Some flows end before the response, and look like other short flows.
func flood(r *rand.Rand) flow {
	f := flow{src: "172.16.0.1", dst: "192.168.10.50", srcPort: 1024 + r.IntN(60000), dstPort: 80, protocol: 6,
		window: 256, answer: 229}
	switch k := r.Float64(); {
	case k < 0.12: // the rest of a connection
		f.answer = -1
		f.add(0, true, 6)
		for range r.IntN(3) {
			f.add(some(r, 4e6), true, 6)
		}
		return f
	case k < 0.2: // refused
		f.add(0, true, 0).syn = true
		f.add(some(r, 80), false, 0).rst = true
		return f
	}
	f.window = 8192
	f.add(0, true, 0).syn = true
	f.add(some(r, 120), false, 0).syn = true
	f.add(some(r, 30), true, 20)
	f.add(some(r, 30), true, 6)
	for left := 11595 + 12*r.IntN(2); left > 0; left -= 2920 {
		f.add(some(r, 150+1e6*float64(r.IntN(2))), false, min(left, 2920))
		if r.IntN(2) == 0 {
			f.add(some(r, 300), true, 0)
		}
	}
	if r.IntN(3) > 0 {
		f.add(some(r, 5e6), r.IntN(2) == 0, 0).fin = true
	}
	return f
}

// talk adds a TCP connection with so many requests and responses.
func talk(f *flow, r *rand.Rand, rounds, ask, say int, wait float64) {
	f.add(0, true, 0).syn = true
	f.add(some(r, 20000), false, 0).syn = true
	f.add(some(r, 60), true, 0)
	for range rounds {
		f.add(some(r, wait), true, 20+r.IntN(ask))
		for left := 40 + int(float64(say)*r.ExpFloat64()); left > 0; left -= 1460 {
			f.add(some(r, 6000), false, min(left, 1460))
		}
		f.add(some(r, 50), true, 0)
	}
	if r.IntN(3) > 0 {
		f.add(some(r, wait), true, 0).fin = true
		f.add(some(r, 20000), false, 0).fin = true
	}
}
