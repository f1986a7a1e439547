package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// site is a server.
type site struct {
	name         string
	address      string
	openssl      bool
	min, max     uint16 // versions
	rsa          bool   // the key is RSA, else ECDSA
	bits         int    // size of an RSA key
	chain        int    // number of certificates that it sends
	sign         x509.SignatureAlgorithm
	renegotiates bool // if a client asks for it
	asks         bool // for a certificate of the client

	certs, key string     // files
	busy       sync.Mutex // s_server serves one client at a time
}

const (
	tls10, tls11, tls12, tls13 = tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13
)

// makeSites makes the sites with their certificates, and the pages, which all sites have.
func makeSites(work string) ([]*site, error) {
	sites := []*site{
		{name: "old.lab.example", openssl: true, min: tls10, max: tls10, rsa: true, bits: 2048, chain: 2,
			sign: x509.SHA256WithRSA},
		{name: "www.lab.example", openssl: true, min: tls10, max: tls12, rsa: true, bits: 2048, chain: 2,
			sign: x509.SHA256WithRSA, renegotiates: true},
		{name: "api.lab.example", openssl: true, min: tls12, max: tls13, chain: 2, sign: x509.ECDSAWithSHA384},
		{name: "mail.lab.example", openssl: true, min: tls11, max: tls11, rsa: true, bits: 2048, chain: 1,
			sign: x509.SHA384WithRSA},
		{name: "shop.lab.example", openssl: true, min: tls12, max: tls12, chain: 1, sign: x509.ECDSAWithSHA256,
			renegotiates: true},
		{name: "go.lab.example", min: tls10, max: tls13, rsa: true, bits: 2048, chain: 3, sign: x509.SHA256WithRSA},
		{name: "wiki.lab.example", min: tls12, max: tls12, chain: 2, sign: x509.ECDSAWithSHA256},
		{name: "files.lab.example", min: tls10, max: tls11, rsa: true, bits: 4096, chain: 2, sign: x509.SHA512WithRSA},
		{name: "git.lab.example", min: tls13, max: tls13, chain: 2, sign: x509.ECDSAWithSHA256, asks: true},
	}
	pages := filepath.Join(work, "pages")
	if err := os.MkdirAll(pages, 0o777); err != nil {
		return nil, err
	}
	for i := range 30 { // from 150 bytes to 7 kB
		if err := os.WriteFile(filepath.Join(pages, page(i)), []byte(strings.Repeat("x", 150+i*i*8)),
			0o666); err != nil {
			return nil, err
		}
	}
	for i, s := range sites {
		s.address = fmt.Sprintf("127.0.1.%d:443", i+1)
		if err := s.makeKeys(work); err != nil {
			return nil, err
		}
	}
	return sites, nil
}

func page(i int) string { return fmt.Sprintf("page%d.html", i) }

// makeKeys makes a key, and a chain of certificates that begins with that of the site.
func (s *site) makeKeys(work string) error {
	s.certs, s.key = filepath.Join(work, s.name+".crt"), filepath.Join(work, s.name+".key")
	newKey := func() (crypto.Signer, error) {
		if s.rsa {
			return rsa.GenerateKey(rand.Reader, s.bits)
		}
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	names := []string{s.name, "Lab Issuing CA", "Lab Policy CA", "Lab Root CA"}[:s.chain+1]
	keys, templates := make([]crypto.Signer, len(names)), make([]*x509.Certificate, len(names))
	for i, name := range names {
		var err error
		if keys[i], err = newKey(); err != nil {
			return err
		}
		templates[i] = &x509.Certificate{
			SerialNumber: big.NewInt(int64(1000 + i)),
			Subject:      pkix.Name{CommonName: name, Organization: []string{"Lab"}},
			NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
			IsCA: i > 0, BasicConstraintsValid: true, SignatureAlgorithm: s.sign,
			OCSPServer:            []string{"http://ocsp.lab.example/"},
			CRLDistributionPoints: []string{"http://crl.lab.example/lab.crl"},
		}
	}
	templates[0].DNSNames = []string{s.name, "www." + s.name, strings.TrimPrefix(s.name, "www.")}
	var all []byte
	for i := range s.chain { // each is signed by the next; the root is not sent
		der, err := x509.CreateCertificate(rand.Reader, templates[i], templates[i+1], keys[i].Public(), keys[i+1])
		if err != nil {
			return err
		}
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(keys[0])
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(s.certs, all, 0o666)
}

// serve starts the server.
func (s *site) serve(work string) (stop func(), err error) {
	if s.openssl {
		return s.serveOpenSSL(work)
	}
	pair, err := tls.LoadX509KeyPair(s.certs, s.key)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: s.min, MaxVersion: s.max}
	if s.asks {
		config.ClientAuth = tls.RequestClientCert
	}
	l, err := tls.Listen("tcp", s.address, config)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(filepath.Join(work, "pages"))),
		IdleTimeout: 2 * time.Second, ErrorLog: quiet}
	go server.Serve(l)
	return func() { server.Close() }, nil
}

func (s *site) serveOpenSSL(work string) (stop func(), err error) {
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		return nil, err
	}
	args := []string{"s_server", "-accept", host + ":" + port, "-cert", s.certs, "-cert_chain", s.certs, "-key", s.key,
		"-WWW", "-quiet",
		"-cipher", "ALL:!aNULL:!eNULL:@SECLEVEL=0", "-min_protocol", version(s.min), "-max_protocol", version(s.max)}
	if s.renegotiates {
		args = append(args, "-client_renegotiation")
	}
	cmd := exec.Command("openssl", args...)
	cmd.Dir = filepath.Join(work, "pages")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { cmd.Process.Kill(); cmd.Wait() }, nil
}

// version returns the name of a version in OpenSSL.
func version(v uint16) string {
	return map[uint16]string{tls10: "TLSv1", tls11: "TLSv1.1", tls12: "TLSv1.2", tls13: "TLSv1.3"}[v]
}
