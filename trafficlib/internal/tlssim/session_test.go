package tlssim

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
)

func TestSessions(t *testing.T) {
	info := tlsfeat.Features()
	for name, one := range map[string]func(*rand.Rand) []Packet{"normal": Normal, "flood": Flood} {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			s := one(rng)
			checkOpening(t, s)
			turns, appData, changes, sealed := 0, 0, 0, false
			for i, p := range s {
				if i > 0 && p[tlsfeat.Come] != s[i-1][tlsfeat.Come] {
					turns++
				}
				protocols := 0.0
				for _, x := range p[tlsfeat.Protocol:tlsfeat.Length] {
					protocols += x
				}
				if protocols != 1 {
					t.Fatalf("%s: packet %d has %v protocols", name, i, protocols)
				}
				for j, x := range p {
					if x < 0 && j != tlsfeat.Interval || math.IsNaN(x) || math.IsInf(x, 0) {
						t.Fatalf("%s: packet %d: %s is %v", name, i, info[j].Name, x)
					}
					if k := info[j].Type; (k == "Enum" || k == "Boolean") && x != 0 && x != 1 {
						t.Fatalf("%s: packet %d: %s %s is %v", name, i, info[j].Name, info[j].Value, x)
					}
				}
				if sealed && (p[tlsfeat.HelloLength] > 0 || p[tlsfeat.Certs] > 0 || p[tlsfeat.KeyExchange] > 0) {
					t.Fatalf("%s: packet %d shows a handshake message in the clear after ChangeCipherSpec", name, i)
				}
				if p[tlsfeat.Protocol] == 1 && (p[tlsfeat.AppData] > 0 || p[tlsfeat.Encrypted] > 0) {
					t.Fatalf("%s: packet %d ends a record and is called plain TCP", name, i)
				}
				if p[tlsfeat.ChangeCipher] > 0 {
					sealed = true
					changes++
				}
				if p[tlsfeat.AppData] > 0 {
					appData++
				}
			}
			if n := len(s); n < 9 || n > 250 || turns < n/4 {
				t.Errorf("%s: %d packets, %d turns", name, n, turns)
			}
			if name == "normal" && (appData < 2 || changes < 2 || changes > 4) {
				t.Errorf("normal: %d packets with data, %d with ChangeCipherSpec", appData, changes)
			}
			if name == "flood" && (appData > 0 || changes < 8) {
				t.Errorf("flood: %d packets with data, %d with ChangeCipherSpec", appData, changes)
			}
		}
	}
}

func checkOpening(t *testing.T, s []Packet) {
	t.Helper()
	for i, want := range []struct{ come, syn, ack float64 }{{0, 1, 0}, {1, 1, 1}, {0, 0, 1}} {
		if p := s[i]; p[tlsfeat.Come] != want.come || p[syn] != want.syn || p[ack] != want.ack {
			t.Fatalf("packet %d: come %v syn %v ack %v, want %v", i, p[tlsfeat.Come], p[syn], p[ack], want)
		}
	}
	if s[0][tlsfeat.Interval] != 0 {
		t.Errorf("the first interval is %v", s[0][tlsfeat.Interval])
	}
	if p := s[3]; p[tlsfeat.HelloLength] == 0 || p[tlsfeat.SuitesLength] == 0 || p[tlsfeat.Come] != 0 {
		t.Errorf("packet 3 is no ClientHello")
	}
}

func TestEveryPairAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	share := 0
	for _, c := range clients {
		share += c.share
		for range 500 {
			agree(c, newServer(rng)) // panics where there is no common suite
		}
	}
	if share != 100 {
		t.Errorf("the shares of the clients make %d, want 100", share)
	}
}

// TestSealed compares lengths of the Finished message as captures show them.
func TestSealed(t *testing.T) {
	for _, c := range []struct {
		v    version
		q    suite
		want int
	}{
		{tls10, suite{mac: 20}, 48},
		{tls11, suite{mac: 20}, 64},
		{tls12, suite{mac: 32}, 80},
		{tls12, suite{aead: 24}, 40},
		{tls12, suite{aead: 16}, 32},
	} {
		s := &tls{wire{v: c.v}, c.q}
		if got := s.sealed(16); got != c.want {
			t.Errorf("version %d, %+v: %d bytes, want %d", c.v, c.q, got, c.want)
		}
	}
}

func TestWrite(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	want := [][]Packet{Normal(rng), Flood(rng)}
	var b bytes.Buffer
	if err := Write(&b, want); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if len(lines) != 3 || lines[2] != "" {
		t.Fatalf("%d lines for 2 sessions", len(lines)-1)
	}
	for i, line := range lines[:2] {
		text, ok := strings.CutSuffix(line, "], ")
		if !ok {
			t.Fatalf("line %d ends in %q", i+1, line[len(line)-5:])
		}
		var got []Packet
		if err := json.Unmarshal([]byte("["+text+"]]"), &got); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want[i]) {
			t.Fatalf("line %d has %d packets, want %d", i+1, len(got), len(want[i]))
		}
		for k := range got {
			if got[k] != want[i][k] {
				t.Errorf("line %d packet %d differs", i+1, k)
			}
		}
	}
}
