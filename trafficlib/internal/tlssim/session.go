package tlssim

import (
	"math"
	"math/rand/v2"

	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
)

// tls is a TLS connection.
type tls struct {
	wire
	q suite
}

// Normal returns a normal session: a full or resumed handshake, requests and responses, and a
// close.
func Normal(rng *rand.Rand) []Packet {
	t := connect(rng, chooseClient(rng))
	resumed := rng.Float64() < 0.18
	if resumed {
		t.resume()
	} else {
		t.handshake()
	}
	requests := 1 + int(rng.ExpFloat64()*(t.c.requests-0.5))
	// A few sites ask for the certificate of the client after the first request: one legitimate
	// renegotiation.
	if !resumed && rng.Float64() < 0.025 {
		t.exchange()
		t.renegotiate(0.5)
	}
	for range min(requests, 12) {
		t.exchange()
	}
	t.close()
	return t.rows
}

// Flood returns a session of a renegotiation flood: the client makes the server negotiate new keys,
// which costs the server many times more than the client, and requests nothing. The connection is
// one of hundreds of the attack, so the server is slow at the beginning and gets slower.
func Flood(rng *rand.Rand) []Packet {
	c := clients[1] // the attack program uses OpenSSL
	c.extra += pick(rng, 0, 0, 4)
	t := connect(rng, c)
	t.handshake()
	length, load := 60+rng.IntN(41), logNormal(rng, 180, 0.8)
	for len(t.rows) < length-4 {
		t.renegotiate(load)
		load = min(load*(1+0.3*rng.Float64()), 2000)
	}
	switch kind := rng.Float64(); {
	case kind < 0.35:
		t.packet(fromServer, 0, t.trip(load), rst, ack)
	case kind < 0.6:
		t.close()
	} // else the capture ends first
	return t.rows
}

// connect opens the TCP connection to a new server.
func connect(rng *rand.Rand, c client) *tls {
	s := newServer(rng)
	v, q := agree(c, s)
	t := &tls{wire{rng: rng, c: c, s: s, v: v}, q}
	t.open()
	return t
}

func chooseClient(rng *rand.Rand) client {
	at := rng.IntN(100)
	for _, c := range clients {
		if at -= c.share; at < 0 {
			return c
		}
	}
	panic("tlssim: the shares of the clients do not add up to 100")
}

// sealed returns the length of an encrypted record of n bytes, without its header (RFC 5246 §6.2.3;
// before TLS 1.1 a CBC record has no IV).
func (t *tls) sealed(n int) int {
	if t.q.aead > 0 {
		return n + t.q.aead
	}
	n = (n + t.q.mac + 16) / 16 * 16 // at least one byte of padding
	if t.v > tls10 {
		n += 16
	}
	return n
}

// sealedHandshake returns the record of an encrypted handshake message of n bytes.
func (t *tls) sealedHandshake(n int) record {
	n = t.sealed(n)
	return record{5 + n, func(p *Packet) { p[tlsfeat.Encrypted] += float64(n) }}
}

// finished returns ChangeCipherSpec and Finished, which has a header of 4 bytes and 12 bytes of
// verify_data.
func (t *tls) finished() []record {
	return []record{{5 + 1, func(p *Packet) { p[tlsfeat.ChangeCipher] = 1 }}, t.sealedHandshake(16)}
}

// hello returns the ClientHello: version, random, empty session ID, suites, null compression and
// extensions (RFC 5246 §7.4.1.2).
func (t *tls) hello(ticket int) record {
	n := 2 + 32 + 1 + 2 + 2*len(t.c.suites) + 2 + 2 + (9 + t.s.name) + (6 + 2*len(t.c.groups)) + t.c.extra
	if k := len(t.c.sigAlgs); k > 0 {
		n += 6 + 2*k
	}
	if ticket > 0 {
		n += 4 + ticket + 32
	}
	return record{5 + 4 + n, func(p *Packet) {
		p[tlsfeat.HelloLength] = float64(n)
		p[tlsfeat.SuitesLength] = float64(2 * len(t.c.suites))
		p.manyHot(tlsfeat.Suites, t.c.suites)
		p[tlsfeat.Compression] = 1
		p[tlsfeat.GroupsLength] = float64(2*len(t.c.groups) + 2)
		p.manyHot(tlsfeat.Groups, t.c.groups)
		p.manyHot(tlsfeat.SigAlgs, t.c.sigAlgs)
	}}
}

// serverHello returns the length of the ServerHello and its note.
func (t *tls) serverHello() (int, func(*Packet)) {
	n := 38 + 2 + 5 // with the renegotiation extension
	if t.s.sessionID {
		n += 32
	}
	if t.q.ecdhe {
		n += 8 // point formats
	}
	return n, func(p *Packet) { p[tlsfeat.ServerHello], p[tlsfeat.RenegInfo] = float64(n), 1 }
}

// serverFlight returns the lengths of the messages with which the server responds to a full hello,
// and the note of the certificate chain.
func (t *tls) serverFlight() (lengths []int, noteChain func(*Packet)) {
	chain, smallest, largest := 3, math.MaxInt, 0
	for _, n := range t.s.chain {
		chain, smallest, largest = chain+3+n, min(smallest, n), max(largest, n)
	}
	hello, _ := t.serverHello()
	lengths = []int{4 + hello, 4 + chain}
	if t.q.ecdhe {
		signature := t.s.keyBytes
		if !t.s.rsa {
			signature = 71
		}
		lengths = append(lengths, 4+69+4+signature) // curve, P-256 point, signature
	}
	lengths = append(lengths, 4) // ServerHelloDone
	return lengths, func(p *Packet) {
		k := len(t.s.chain)
		p[tlsfeat.Certs], p[tlsfeat.Certs+2], p[tlsfeat.Certs+3] = float64(k), float64(largest), float64(smallest)
		p[tlsfeat.Certs+1] = math.Round(float64(chain-3-3*k)/float64(k)*100) / 100
		for _, sig := range t.s.chainSigs {
			p[tlsfeat.CertSigs+sig] = 1
		}
	}
}

// keyExchange returns the length of the ClientKeyExchange and of the key in it.
func (t *tls) keyExchange() (message, key int) {
	if t.q.ecdhe {
		return 1 + 65, 65
	}
	return 2 + t.s.keyBytes, t.s.keyBytes
}

// handshake is a full, unencrypted handshake.
func (t *tls) handshake() {
	t.send(fromClient, logNormal(t.rng, 0.9, 1), !t.s.quickAck, t.hello(0))
	lengths, noteChain := t.serverFlight()
	_, noteHello := t.serverHello()
	var flight []record
	if t.s.oneRecord {
		whole := 5
		for _, n := range lengths {
			whole += n
		}
		flight = []record{{whole, func(p *Packet) { noteHello(p); noteChain(p) }}}
	} else {
		for i, n := range lengths {
			note := []func(*Packet){noteHello, noteChain, nil, nil}[i]
			flight = append(flight, record{5 + n, note})
		}
	}
	t.send(fromServer, t.answerWait(1.5), t.rng.Float64() < 0.5, flight...)
	n, key := t.keyExchange()
	exchange := record{5 + 4 + n, func(p *Packet) {
		p[tlsfeat.KeyExchange], p[tlsfeat.PubKey] = float64(n), float64(key)
	}}
	t.send(fromClient, logNormal(t.rng, 1.2, 0.7), !t.s.quickAck, append([]record{exchange}, t.finished()...)...)
	t.send(fromServer, t.answerWait(1.2), true, t.finished()...)
}

// resume is a short handshake with a ticket of an earlier session: the server finishes first.
func (t *tls) resume() {
	t.send(fromClient, logNormal(t.rng, 0.9, 1), true, t.hello(pick(t.rng, 176, 192, 208)))
	n, note := t.serverHello()
	t.send(fromServer, t.trip(0.4), true, append([]record{{5 + 4 + n, note}}, t.finished()...)...)
	t.send(fromClient, logNormal(t.rng, 0.4, 0.5), true, t.finished()...)
}

// renegotiate is a full handshake that is encrypted with the previous keys, so that only lengths
// are visible. load is the median time of the server's work in milliseconds.
func (t *tls) renegotiate(load float64) {
	t.send(fromClient, logNormal(t.rng, 0.3, 0.8), !t.s.quickAck, t.sealedHandshake(t.hello(0).size-5+12))
	lengths, _ := t.serverFlight()
	var flight []record
	for _, n := range lengths {
		flight = append(flight, t.sealedHandshake(n))
	}
	if t.s.oneRecord {
		whole := 0
		for _, n := range lengths {
			whole += n
		}
		flight = []record{t.sealedHandshake(whole)}
	}
	t.send(fromServer, t.answerWait(load), t.rng.Float64() < 0.5, flight...)
	n, _ := t.keyExchange()
	t.send(fromClient, logNormal(t.rng, 0.6, 0.5), !t.s.quickAck,
		append([]record{t.sealedHandshake(4 + n)}, t.finished()...)...)
	t.send(fromServer, t.answerWait(load), true, t.finished()...)
}

// exchange is a request and its response.
func (t *tls) exchange() {
	think := logNormal(t.rng, 2, 1.6)
	t.send(fromClient, min(think, 4000), !t.s.quickAck,
		t.data(int(clip(logNormal(t.rng, float64(t.c.requestSize), 0.5), 60, 4000)))...)
	body := logNormal(t.rng, t.s.bodyMedian, 1.3)
	t.send(fromServer, t.answerWait(12), t.rng.Float64() < 0.3, t.data(int(clip(body, 90, 60_000)))...)
}

// answerWait returns the time to the response of the server. If the server has acknowledged first,
// the round trip is over already.
func (t *tls) answerWait(work float64) float64 {
	if t.s.quickAck {
		return logNormal(t.rng, work, 0.8)
	}
	return t.trip(work)
}

// data splits application data into records: one for the header, and bodies of at most 16 KiB.
func (t *tls) data(n int) []record {
	var all []record
	for n > 0 {
		part := min(n, 1<<14)
		if len(all) == 0 && n > 2000 {
			part = 180 + t.rng.IntN(400)
		}
		n -= part
		length := t.sealed(part)
		all = append(all, record{5 + length, func(p *Packet) { p[tlsfeat.AppData] += float64(length) }})
	}
	return all
}
