package conversation

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// A Connection is one line of a labeled list.
type Connection struct {
	Start            time.Time
	Duration         time.Duration
	Service          string     // "telnet", "domain/u", "eco/i"
	Src, Dst         netip.Addr // who opened it, and with whom
	SrcPort, DstPort uint16
	Attack           string // "" for none
}

// EST is the zone of the DARPA lists, UTC−5 in winter and summer.
var EST = time.FixedZone("UTC-5", -5*60*60)

// ReadLabels reads a list of connections in the form of DARPA's tcpdump.list, plain or gzipped: a
// line for each, with
//
//	id date time duration service src_port dest_port src_ip dest_ip score attack_name
//	1 01/23/1998 16:56:12 00:01:26 telnet 1754 23 192.168.1.30 192.168.0.20 0 -
//
// A first line with these names, empty lines and comments after # are skipped. Ports may be "-" if
// a protocol has none, and addresses may have leading zeros, 192.168.001.030. A score other than 0
// without a name is the attack "unnamed". Times are those of zone; nil means EST.
func ReadLabels(name string, zone *time.Location) ([]Connection, error) {
	if zone == nil {
		zone = EST
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	defer f.Close()
	list, err := readLabels(f, zone)
	if err != nil {
		return nil, fmt.Errorf("conversation: %s%w", name, err)
	}
	return list, nil
}

// readLabels returns errors that begin with the line.
func readLabels(r io.Reader, zone *time.Location) ([]Connection, error) {
	b := bufio.NewReader(r)
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf(": %w", err)
		}
		b = bufio.NewReader(z)
	}
	var list []Connection
	lines := bufio.NewScanner(b)
	n := 0
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) == 0 || len(list) == 0 && words[0] == "id" {
			continue
		}
		c, err := connection(words, zone)
		if err != nil {
			return nil, fmt.Errorf(":%d: %w", n, err)
		}
		list = append(list, c)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf(":%d: %w", n+1, err)
	}
	if len(list) == 0 {
		return nil, errors.New(": no connections")
	}
	return list, nil
}

func connection(words []string, zone *time.Location) (c Connection, err error) {
	const want = 11
	if len(words) != want {
		return c, fmt.Errorf("%d words, want %d: "+
			"id date time duration service src_port dest_port src_ip dest_ip score attack_name", len(words), want)
	}
	if c.Start, err = time.ParseInLocation("01/02/2006 15:04:05", words[1]+" "+words[2], zone); err != nil {
		return c, fmt.Errorf("%q is no time like 01/23/1998 16:56:12", words[1]+" "+words[2])
	}
	if c.Duration, err = duration(words[3]); err != nil {
		return c, err
	}
	c.Service = words[4]
	if c.SrcPort, err = port(words[5]); err != nil {
		return c, err
	}
	if c.DstPort, err = port(words[6]); err != nil {
		return c, err
	}
	if c.Src, err = address(words[7]); err != nil {
		return c, err
	}
	if c.Dst, err = address(words[8]); err != nil {
		return c, err
	}
	switch score, err := strconv.ParseFloat(words[9], 64); {
	case err != nil:
		return c, fmt.Errorf("score %q is not a number", words[9])
	case words[10] != "-":
		c.Attack = words[10]
	case score != 0:
		c.Attack = "unnamed"
	}
	return c, nil
}

func duration(s string) (time.Duration, error) {
	parts := strings.Split(s, ":")
	var d time.Duration
	for i, part := range parts {
		v, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(parts) != 3 || i > 0 && v > 59 {
			return 0, fmt.Errorf("duration %q is not hh:mm:ss", s)
		}
		d = d*60 + time.Duration(v)
	}
	return d * time.Second, nil
}

func port(s string) (uint16, error) {
	if s == "-" {
		return 0, nil
	}
	v, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port %q is not in 0 … 65535", s)
	}
	return uint16(v), nil
}

// address reads an address, also with leading zeros, which netip refuses.
func address(s string) (netip.Addr, error) {
	plain := s
	if parts := strings.Split(s, "."); len(parts) == 4 {
		for i, part := range parts {
			if part = strings.TrimLeft(part, "0"); part == "" && parts[i] != "" {
				part = "0"
			}
			parts[i] = part
		}
		plain = strings.Join(parts, ".")
	}
	a, err := netip.ParseAddr(plain)
	if err != nil {
		return a, fmt.Errorf("%q is no IP address", s)
	}
	return a, nil
}
