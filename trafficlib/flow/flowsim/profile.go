package flowsim

import (
	"math"
	"math/rand/v2"
	"strings"
)

// A profile is what a flow is computed from.
type profile struct {
	port, proto    int
	fwd, bwd       int     // packets
	duration       float64 // µs
	fwdLen, bwdLen float64 // bytes of a packet, on average
}

func log(r *rand.Rand, median, spread float64) float64 {
	return math.Round(median * math.Exp(spread*r.NormFloat64()))
}

// profileOf draws a profile for a label.
func profileOf(label string, r *rand.Rand) profile {
	few := func(n int) int { return 1 + r.IntN(n) }
	p := profile{port: 80, proto: 6, fwd: few(4), bwd: few(4), duration: log(r, 1e6, 2), fwdLen: 150, bwdLen: 400}
	switch {
	case label == "Benign" || strings.HasPrefix(label, "Infil"):
		switch x := r.Float64(); {
		case x < 0.35: // names
			p = profile{port: 53, proto: 17, fwd: few(2), bwd: few(2), duration: log(r, 2000, 2), fwdLen: 45, bwdLen: 120}
		case x < 0.40: // opened and nothing more; a duration of nothing gives infinite rates
			p = profile{port: 443, proto: 6, fwd: 2, bwd: 0, duration: log(r, 40, 2)}
			if r.IntN(20) == 0 {
				p.duration = 0
			}
		case x < 0.75: // the web
			p = profile{port: 443, proto: 6, fwd: 3 + int(log(r, 6, 0.8)), bwd: 3 + int(log(r, 6, 0.9)),
				duration: log(r, 5e6, 2), fwdLen: 120, bwdLen: 500}
		case x < 0.9: // desktops
			p = profile{port: 3389, proto: 6, fwd: few(10), bwd: few(9), duration: log(r, 2e6, 0.6), fwdLen: 140, bwdLen: 220}
		default:
			p = profile{port: 1024 + r.IntN(64000), proto: []int{6, 17, 0}[r.IntN(3)], fwd: few(30), bwd: r.IntN(30),
				duration: log(r, 1e7, 2), fwdLen: 60, bwdLen: 90}
		}
		p.duration = min(p.duration, 1.2e8)
	case label == "FTP-BruteForce":
		p = profile{port: 21, proto: 6, fwd: 1, bwd: 1, duration: 1 + float64(r.IntN(10))}
	case label == "SSH-Bruteforce":
		p = profile{port: 22, proto: 6, fwd: 20 + r.IntN(3), bwd: 20 + r.IntN(3), duration: log(r, 4e5, 0.2),
			fwdLen: 90, bwdLen: 120}
	case strings.Contains(label, "LOIC-UDP"):
		p = profile{port: 80, proto: 17, fwd: 100000 + r.IntN(100000), duration: 1.19e8, fwdLen: 32}
	case strings.HasPrefix(label, "DoS"), strings.HasPrefix(label, "DDOS"), strings.HasPrefix(label, "DDoS"):
		if r.IntN(3) == 0 { // opened and given up
			p.fwd, p.bwd, p.fwdLen, p.bwdLen = 2, r.IntN(2), 0, 0
		}
		p.duration = log(r, 2e5, 2)
	case label == "Bot":
		p = profile{port: 8080, proto: 6, fwd: few(3), bwd: few(4), duration: log(r, 9000, 0.5), fwdLen: 110, bwdLen: 130}
	}
	return p
}

// A spread summarizes numbers.
type spread struct{ n, sum, squares, min, max float64 }

func (s spread) mean() float64 {
	if s.n == 0 {
		return 0
	}
	return s.sum / s.n
}

func (s spread) std() float64 {
	if s.n < 2 {
		return 0
	}
	return math.Sqrt(max(0, (s.squares-s.sum*s.sum/s.n)/(s.n-1)))
}

func (s *spread) add(x float64) {
	if s.n == 0 || x < s.min {
		s.min = x
	}
	if s.n == 0 || x > s.max {
		s.max = x
	}
	s.n++
	s.sum += x
	s.squares += x * x
}

func (s spread) join(t spread) spread {
	if s.n == 0 || t.n == 0 {
		if s.n == 0 {
			return t
		}
		return s
	}
	return spread{s.n + t.n, s.sum + t.sum, s.squares + t.squares, min(s.min, t.min), max(s.max, t.max)}
}

// most is how many packets are drawn one by one; the others are like them.
const most = 64

// sizes draws the lengths of packets around a size.
func sizes(r *rand.Rand, n int, about float64) (s spread) {
	for i := range min(n, most) {
		x := 0.0
		if about > 0 && (i != 0 || n < 3) {
			x = min(1460, log(r, about, 0.7))
		}
		s.add(x)
	}
	return s.scale(n)
}

func (s spread) scale(n int) spread {
	if n > most {
		k := float64(n) / s.n
		s.n, s.sum, s.squares = float64(n), math.Round(s.sum*k), s.squares*k
	}
	return s
}

// gaps draws the times between n packets within a duration.
func gaps(r *rand.Rand, duration float64, n int) (s spread) {
	left := duration
	for i := range min(n-1, most) {
		x := left
		if i < n-2 {
			x = math.Round(left * r.Float64() * 0.7)
		}
		left -= x
		s.add(x)
	}
	return s
}
