package tlssim

import "math/rand/v2"

// A version of TLS, as the index of its column in the protocol group.
type version int

const (
	tls10 version = 3
	tls11 version = 4
	tls12 version = 5
)

// client is a kind of program: what its ClientHello offers, and how its TCP stack behaves.
type client struct {
	share   int // percentage of the normal sessions
	max     version
	suites  []int // as offered; some have no column
	groups  []int
	sigAlgs []int
	extra   int // bytes of further extensions, without the server name and the ticket

	window, windowMax int // initial and maximum receive window in bytes
	timestamps        bool
	requests          float64 // mean number of requests in a session
	requestSize       int     // median bytes of a request
}

// clients are the kinds of clients. The cipher suites are the defaults of such programs around
// 2016.
var clients = []client{
	{ // a browser
		share: 40, max: tls12,
		suites: []int{49195, 49199, 52393, 52392, 49196, 49200, 49162, 49161, 49171, 49172, 51, 57, 47, 53, 10},
		groups: []int{29, 23, 24, 25}, sigAlgs: []int{1027, 1283, 1539, 2052, 2053, 1025, 1281, 1537, 515, 513},
		extra: 48, window: 64240, windowMax: 262144, requests: 2.6, requestSize: 520,
	},
	{ // a command-line program with OpenSSL 1.0.2
		share: 25, max: tls12,
		suites: []int{49200, 49196, 49192, 49188, 49172, 49162, 163, 159, 107, 106, 57, 56, 136, 135, 49202, 49198,
			49194, 49190, 49167, 49157, 157, 61, 53, 132, 49199, 49195, 49191, 49187, 49171, 49161, 162, 158, 103,
			64, 51, 50, 154, 153, 69, 68, 49201, 49197, 49193, 49189, 49166, 49156, 156, 60, 47, 150, 65, 255},
		groups: []int{23, 25, 28, 27, 24, 26, 22}, sigAlgs: []int{1537, 1538, 1539, 1281, 1282, 1283, 1025, 1026,
			1027, 769, 770, 771, 513, 514, 515},
		extra: 10, window: 29200, windowMax: 65535, timestamps: true, requests: 1.1, requestSize: 210,
	},
	{ // a desktop program on an older Windows
		share: 15, max: tls10,
		suites: []int{49172, 49171, 57, 51, 53, 47, 49162, 49161, 56, 50, 10, 19, 5, 4},
		groups: []int{23, 24}, extra: 5, window: 65535, windowMax: 65535, requests: 1.4, requestSize: 330,
	},
	{ // a phone app
		share: 14, max: tls12,
		suites: []int{49195, 49196, 52393, 49199, 49200, 52392, 158, 159, 49161, 49162, 49171, 49172, 156, 157, 47, 53},
		groups: []int{23, 24, 25}, sigAlgs: []int{1537, 1539, 1281, 1283, 1025, 1027, 769, 771, 513, 515},
		extra: 22, window: 65535, windowMax: 131072, timestamps: true, requests: 1.8, requestSize: 640,
	},
	{ // a device with an old GnuTLS
		share: 6, max: tls11,
		suites: []int{49161, 49162, 49171, 49172, 49170, 47, 65, 53, 132, 10, 51, 69, 57, 136, 22, 50, 68, 56, 135, 19},
		groups: []int{23, 24, 25}, extra: 15, window: 14600, windowMax: 43800, requests: 3, requestSize: 130,
	},
}

// suite is a cipher suite, with the properties that determine the sizes of later messages.
type suite struct {
	id     int
	forRSA bool // the key of the certificate is RSA, else ECDSA
	ecdhe  bool // the key exchange is ECDHE with P-256, else RSA
	aead   int  // bytes that an AEAD record adds; 0 means CBC
	mac    int  // bytes of the MAC of CBC
}

// preferred holds the cipher suites in the order in which servers prefer them.
var preferred = []suite{
	{id: 49195, ecdhe: true, aead: 24}, {id: 49199, forRSA: true, ecdhe: true, aead: 24},
	{id: 49200, forRSA: true, ecdhe: true, aead: 24}, {id: 52392, forRSA: true, ecdhe: true, aead: 16},
	{id: 49161, ecdhe: true, mac: 20}, {id: 49171, forRSA: true, ecdhe: true, mac: 20},
	{id: 156, forRSA: true, aead: 24}, {id: 60, forRSA: true, mac: 32}, {id: 47, forRSA: true, mac: 20},
}

// server is a site: what it supports, what it sends, and how far away it is.
type server struct {
	max        version
	rsa        bool  // the key is RSA, else ECDSA
	forward    bool  // it supports ECDHE
	keyBytes   int   // size of an RSA key
	chain      []int // sizes of the certificates
	chainSigs  []int // indices in the certificate signature group
	sessionID  bool
	oneRecord  bool // it sends its hello and all that follows in one record
	name       int  // bytes of its host name
	rtt        float64
	mss        int
	window     int
	merge      float64 // probability that the capture shows two segments as one packet (receive offload)
	quickAck   bool    // it acknowledges before it responds
	closes     bool    // it closes the connection itself
	bodyMedian float64 // bytes of a response
}

func newServer(rng *rand.Rand) server {
	s := server{max: tls12, rsa: rng.Float64() < 0.85, forward: rng.Float64() < 0.9, keyBytes: 256,
		sessionID: rng.Float64() < 0.6, oneRecord: rng.Float64() < 0.4, name: 8 + rng.IntN(22),
		rtt: clip(logNormal(rng, 38, 0.9), 2, 350), mss: pick(rng, 1460, 1460, 1460, 1430, 1400, 1380),
		window: pick(rng, 28960, 29200, 42780, 65535, 65535, 65535), merge: pick(rng, 0, 0.3, 0.6),
		quickAck: rng.Float64() < 0.5, closes: rng.Float64() < 0.45, bodyMedian: logNormal(rng, 1900, 0.8)}
	if rng.Float64() < 0.15 {
		s.max = tls10
	}
	if !s.rsa {
		s.forward = true
	} else if rng.Float64() < 0.06 {
		s.keyBytes = 512
	}
	const ecdsa384, rsa384, rsa1, rsa256, ecdsa256 = 0, 2, 3, 4, 5
	leaf := 1100 + rng.IntN(750) // longer with more names
	if s.rsa {
		s.chain, s.chainSigs = []int{leaf}, []int{rsa256}
	} else {
		s.chain, s.chainSigs = []int{leaf - 350}, []int{ecdsa256}
	}
	for range pick(rng, 0, 1, 1, 1, 1, 2, 2, 3) {
		s.chain = append(s.chain, 930+rng.IntN(620))
		sig := pick(rng, rsa256, rsa256, rsa256, rsa256, rsa384, rsa1)
		if !s.rsa {
			sig = pick(rng, ecdsa256, ecdsa384, rsa256)
		}
		s.chainSigs = append(s.chainSigs, sig)
	}
	return s
}

// agree returns the version and the suite that client and server negotiate. TLS 1.0 and 1.1 have
// neither AEAD suites nor SHA-256 MACs.
func agree(c client, s server) (version, suite) {
	v := min(c.max, s.max)
	for _, q := range preferred {
		if v < tls12 && (q.aead > 0 || q.mac > 20) || q.forRSA != s.rsa || q.ecdhe && !s.forward {
			continue
		}
		for _, id := range c.suites {
			if id == q.id {
				return v, q
			}
		}
	}
	panic("tlssim: client and server have no common cipher suite")
}
