package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

//go:embed peers.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// peers are the other sides: tshark, and a Python with scapy and pyshark.
type peers struct {
	tshark, versions string
	python           benchkit.Python
}

// newPeers finds tshark and makes the Python environment, with its program in dir.
func newPeers(dir string) (p peers, err error) {
	if p.tshark, err = exec.LookPath("tshark"); err != nil {
		return p, fmt.Errorf("no tshark: apt-get install tshark")
	}
	if p.python, err = benchkit.NewPython(dir, "bench-capture", program, requirements); err != nil {
		return p, err
	}
	own, err := exec.Command(p.tshark, "--version").Output()
	if err != nil {
		return p, err
	}
	words := strings.Fields(string(own)) // TShark (Wireshark) 4.0.17 …
	if len(words) < 3 {
		return p, fmt.Errorf("tshark --version printed %q", own)
	}
	rest, err := p.python.Versions("scapy", "pyshark")
	p.versions = "tshark " + words[2] + ", " + rest + ", gopacket 1.7.7"
	return p, err
}

// measure runs one side in a process of its own.
func (b bench) measure(s side) (m measurement, err error) {
	path := b.path(s.capture)
	cmd := b.peers.python.Command(s.who, path)
	switch s.who {
	case "tshark":
		return b.peers.withTshark(s.work, path)
	case benchkit.Ours:
		cmd, err = benchkit.Self("measure", s.work, path)
	case "gopacket":
		cmd, err = benchkit.Self("measure", s.who, path)
	}
	if err != nil {
		return m, err
	}
	m.Memory, err = benchkit.Run(cmd, &m)
	return m, err
}

// The fields that tshark prints: the columns of package packets, and what the features of TLS need.
var (
	tableFields = strings.Fields("frame.number frame.time_epoch frame.len ip.src ip.dst ip.ttl ip.proto " +
		"tcp.srcport tcp.dstport tcp.flags tcp.len")
	tlsFields = strings.Fields("frame.number frame.len tcp.stream ip.src ip.dst frame.time_delta tcp.flags " +
		"tcp.window_size tls.record.content_type " +
		"tls.record.opaque_type tls.record.version tls.record.length tls.handshake.type tls.handshake.length " +
		"tls.handshake.ciphersuite " +
		"tls.handshake.cipher_suites_length tls.handshake.comp_method tls.handshake.extension.type " +
		"tls.handshake.extension.len " +
		"tls.handshake.extensions_supported_group tls.handshake.sig_hash_alg tls.handshake.certificate_length " +
		"x509af.algorithm.id " +
		"tls.handshake.client_point_len tls.handshake.epms_len tls.handshake.yc_len")
)

// withTshark counts what tshark prints. The measurement is the processor time of tshark, without
// that of reading its output.
func (p peers) withTshark(work, path string) (m measurement, err error) {
	fields, second := tableFields, 7 // tcp.srcport, empty unless it is TCP
	if work == "tls" {
		fields, second = tlsFields, 12 // tls.handshake.type, 1 for a ClientHello
	}
	args := []string{"-n", "-r", path, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command(p.tshark, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return m, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return m, err
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return m, err
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != len(fields) {
			return m, fmt.Errorf("tshark printed %d fields, want %d: %q", len(cells), len(fields), line)
		}
		m.Count[0]++
		switch {
		case work == "table":
			n, _ := strconv.ParseInt(cells[2], 10, 64)
			m.Count[2] += n
			if cells[second] != "" {
				m.Count[1]++
			}
		default:
			m.Count[2]++
			if cells[second] == "1" || strings.HasPrefix(cells[second], "1,") {
				m.Count[1]++
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		return m, fmt.Errorf("tshark: %w", err)
	}
	m.Seconds = time.Since(start).Seconds()
	m.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	m.Packets, m.Peak = m.Count[0], benchkit.Peak(cmd)
	return m, nil
}
