package conversation

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// wellKnown are the ports at which Wireshark 4 looks for these protocols, of those that the DARPA
// captures hold. The names are Wireshark's but for SSH: the model knows one SSH, by the name of the
// version of that time.
var wellKnown = map[uint16]string{
	20: "FTP-DATA", 21: "FTP", 22: "SSHv1", 23: "TELNET", 25: "SMTP", 587: "SMTP", 37: "TIME", 79: "FINGER",
	80: "HTTP", 3128: "HTTP", 8080: "HTTP", 8088: "HTTP", 110: "POP", 513: "Rlogin", 514: "RSH", 6667: "IRC",
}

// WellKnown returns a copy of the protocols by port that Read uses by default, to be changed.
func WellKnown() map[uint16]string { return maps.Clone(wellKnown) }

// readCapture makes the table of a capture.
func readCapture(ctx context.Context, path string, ports map[uint16]string) (*Packets, error) {
	r, err := capture.Open(path)
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	defer r.Close()
	if ports == nil {
		ports = wellKnown
	}
	sink := progress.From(ctx)
	const every = 1 << 14
	c := columns{ports: ports, names: map[netip.Addr]string{}}
	var cut int64
	var before time.Duration // of the earliest frame, if that is not the first
	for p := range r.Packets() {
		before = min(before, p.Since)
		if !p.TCP() {
			continue
		}
		if len(c.number)%every == 0 {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("conversation: %s: stopped after %d packets: %w", path, len(c.number), err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
		}
		if len(p.Data) < p.Length {
			cut++
		}
		c.add(p)
	}
	report := r.Report()
	if report.TCP == 0 {
		return nil, fmt.Errorf("conversation: %s: no TCP packets: %s", path, notice(report, 0))
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	for i := range c.since {
		c.since[i] -= before
	}
	t, _ := inOrder(c.table())
	return &Packets{Table: t, Start: r.Start().Add(before), Notice: notice(report, cut)}, nil
}

// columns gathers packets.
type columns struct {
	ports  map[uint16]string
	names  map[netip.Addr]string // each address is kept once
	number []int64
	since  []time.Duration
	src    []string
	dst    []string
	proto  []string
	length []int64
	sport  []int64
	dport  []int64
	flags  []capture.Flags
}

func (c *columns) add(p *capture.Packet) {
	c.number = append(c.number, p.Number)
	c.since = append(c.since, p.Since)
	c.src = append(c.src, c.name(p.Src))
	c.dst = append(c.dst, c.name(p.Dst))
	c.proto = append(c.proto, c.protocol(p))
	c.length = append(c.length, int64(p.Length))
	c.sport = append(c.sport, int64(p.SrcPort))
	c.dport = append(c.dport, int64(p.DstPort))
	c.flags = append(c.flags, p.Flags)
}

// seconds returns the float64 nearest to d, as the same time in decimal digits would be read.
func seconds(d time.Duration) float64 { return float64(d) / 1e9 }

func (c *columns) name(a netip.Addr) string {
	s, ok := c.names[a]
	if !ok {
		s = a.String()
		c.names[a] = s
	}
	return s
}

func (c *columns) protocol(p *capture.Packet) string {
	if p.Payload == 0 {
		return tcp
	}
	for _, port := range []uint16{min(p.SrcPort, p.DstPort), max(p.SrcPort, p.DstPort)} {
		if name, ok := c.ports[port]; ok {
			return name
		}
	}
	return tcp
}

// bits are the flags in the order of Flags.
var bits = []capture.Flags{capture.Reserved, capture.NS, capture.CWR, capture.ECE, capture.URG,
	capture.ACK, capture.PSH,
	capture.RST, capture.SYN, capture.FIN}

func (c *columns) table() *table.Table {
	times := make([]float64, len(c.since))
	for i, d := range c.since {
		times[i] = seconds(d)
	}
	all := []table.Column{
		table.Col("No.", c.number), table.Col("timestamp", times),
		table.Col("src_ip", c.src), table.Col("dst_ip", c.dst),
		table.Col("protocol", c.proto), table.Col("length", c.length),
		table.Col("src_port", c.sport), table.Col("dst_port", c.dport),
	}
	for k, name := range Flags {
		set := make([]int64, len(c.flags))
		for i, f := range c.flags {
			if f.Has(bits[k]) {
				set[i] = 1
			}
		}
		all = append(all, table.Col(name, set))
	}
	return table.New(all...).Select(slices.Clone(Columns)...)
}
