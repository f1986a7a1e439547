package tlsfeat

import (
	"slices"
	"strconv"
)

// Width is the number of features of a packet.
const Width = 146

// A Feature describes one column.
type Feature struct {
	Layer   string // the protocol that carries it
	Message string // the TLS message, "-" for TCP
	Name    string
	Type    string // Boolean, Integer, Float, or Enum: one column of a one-hot or many-hot group
	Value   string // of an Enum: the value of this column; "0" for all values without a column of their own
}

// The columns of the features. Groups of enum columns are named by their first column.
const (
	Come         = 0 // 1: towards the client
	Protocol     = 1 // TCP if no TLS record ends in the packet, else the version
	Length       = 7 // bytes on the wire, from the Ethernet header on
	Interval     = 8 // milliseconds since the packet before
	Flags        = 9
	Window       = 18 // bytes, scaled
	HelloLength  = 19
	Suites       = 20 // the last of them, 99: a suite without a column
	SuitesLength = 100
	Compression  = 101
	GroupsLength = 103
	Groups       = 104
	SigAlgs      = 111
	ServerHello  = 127
	RenegInfo    = 128
	Certs        = 129 // number, then average, maximum and minimum length
	CertSigs     = 133
	KeyExchange  = 141
	PubKey       = 142
	Encrypted    = 143 // an encrypted handshake message
	ChangeCipher = 144
	AppData      = 145
)

var (
	protocols = []string{"TCP", "SSL2.0", "SSL3.0", "TLS1.0", "TLS1.1", "TLS1.2"}
	flags     = []string{"NS", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"}
	// Cipher suites, groups and signature algorithms by their IANA numbers, in the order of the
	// layout.
	suites = []int{49155, 132, 133, 134, 135, 136, 49157, 49162, 49161, 49156, 7, 49166, 49167, 49160, 16, 49170,
		49171, 49172, 19, 150, 151, 152, 153, 154, 22, 156, 49309, 158, 49310, 49308, 157, 49313, 162, 163, 49188,
		49315, 49187, 49191, 52392, 52393, 52394, 159, 49195, 49196, 47, 48, 49, 50, 51, 10, 53, 54, 55, 56, 57, 60,
		61, 64, 65, 66, 67, 68, 69, 13, 49165, 49314, 49192, 49311, 49324, 49325, 103, 106, 107, 49326, 49199, 49312,
		49327, 49200, 255, 0}
	groups  = []int{24, 25, 29, 23, 0}
	sigAlgs = []int{1537, 1538, 515, 1539, 1281, 1282, 1283, 1025, 1026, 1027, 770, 771, 513, 514, 769, 0}
	// Certificate signatures: ECDSA with SHA-384, RSA with SHA-512, 384, 1 and 256, ECDSA with
	// SHA-256.
	certSigs = []string{"1.2.840.10045.4.3.3", "1.2.840.113549.1.1.13", "1.2.840.113549.1.1.12",
		"1.2.840.113549.1.1.5", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", "0"}
)

// Features returns the columns in order.
func Features() []Feature {
	var all []Feature
	one := func(layer, message, name, kind string) { all = append(all, Feature{layer, message, name, kind, "-"}) }
	enum := func(layer, message, name string, values ...string) {
		for _, v := range values {
			all = append(all, Feature{layer, message, name, "Enum", v})
		}
	}
	one("TCP", "-", "Come/Leave", "Boolean")
	enum("TCP", "-", "Protocol", protocols...)
	one("TCP", "-", "Length", "Integer")
	one("TCP", "-", "Interval", "Float")
	enum("TCP", "-", "Flag", flags...)
	one("TCP", "-", "Windows Size", "Integer")
	one("TLS", "ClientHello", "Length", "Integer")
	enum("TLS", "ClientHello", "Cipher suites", decimal(suites)...)
	one("TLS", "ClientHello", "Cipher suites length", "Integer")
	enum("TLS", "ClientHello", "Compression method", "0", "0") // null; any other
	one("TLS", "ClientHello", "Supported group length", "Integer")
	enum("TLS", "ClientHello", "Supported groups", decimal(groups)...)
	one("TLS", "ClientHello", "Encrypt then mac length", "Integer")
	one("TLS", "ClientHello", "Extended master secret", "Integer")
	enum("TLS", "ClientHello", "Signature hash algorithm", decimal(sigAlgs)...)
	one("TLS", "ServerHello", "Length", "Integer")
	one("TLS", "ServerHello", "Renegotiation info length", "Integer")
	one("TLS", "Certificate", "Number of Certificates", "Integer")
	one("TLS", "Certificate", "Average certificate length", "Integer")
	one("TLS", "Certificate", "Maximum certificate length", "Integer")
	one("TLS", "Certificate", "Minimum certificate length", "Integer")
	enum("TLS", "Certificate", "Signature algorithm", certSigs...)
	one("TLS", "Server Hello Done", "Length", "Integer") // the message is empty: always 0
	one("TLS", "Client Key Exchange", "Length", "Integer")
	one("TLS", "Client Key Exchange", "Pubkey length", "Integer")
	one("TLS", "Encrypted Handshake Message", "Length", "Integer")
	one("TLS", "Change Cipher Spec", "Length", "Integer")
	one("TLS", "Application Data Protocol", "Length", "Integer")
	return all
}

// Column returns the column of a value in one of the groups Suites, Groups and SigAlgs, each named
// by its first column: the last column of the group if the value has none of its own. It panics if
// first is none of these.
func Column(first, value int) int {
	var values []int
	switch first {
	case Suites:
		if at, ok := suiteColumns[uint16(value)]; ok && value == int(uint16(value)) {
			return int(at)
		}
		return Suites + len(suites) - 1
	case Groups:
		values = groups
	case SigAlgs:
		values = sigAlgs
	default:
		panic("tlsfeat: Column: no such group")
	}
	last := len(values) - 1
	if at := slices.Index(values[:last], value); at >= 0 {
		return first + at
	}
	return first + last
}

// suiteColumns are the columns of cipher suites, except the last.
var suiteColumns = func() map[uint16]uint8 {
	columns := map[uint16]uint8{}
	for i, v := range suites[:len(suites)-1] {
		columns[uint16(v)] = uint8(Suites + i)
	}
	return columns
}()

func decimal(values []int) []string {
	text := make([]string, len(values))
	for i, v := range values {
		text[i] = strconv.Itoa(v)
	}
	return text
}
