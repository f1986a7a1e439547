package conversation

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// The list has whole seconds, cut off: a connection may have begun almost a second later and lasted
// one longer. A second more is allowed on both sides for clocks that round.
const (
	early = time.Second
	late  = 2 * time.Second
)

// ends are the two ends of a connection, as the table has them.
type ends struct {
	src, dst         string
	srcPort, dstPort int64
}

// Mark adds the column attack: the attack of the connection that a packet belongs to, by addresses,
// ports (either direction) and time; "" for normal ones and for packets of no connection in the
// list. Start is the moment of timestamp 0, Packets.Start. A zero start is an error, since no
// connection could be found, and so is a list with the addresses and ports of packets but always
// other times: its zone is another. Lines of UDP and ICMP (service …/u, …/i) match no TCP packet.
func Mark(t *table.Table, start time.Time, list []Connection) (*table.Table, error) {
	if start.IsZero() {
		return nil, errors.New("conversation: the time of the first packet is not known, so the labels fit nothing: state it")
	}
	of := map[ends][]Connection{}
	for _, c := range list {
		if strings.HasSuffix(c.Service, "/u") || strings.HasSuffix(c.Service, "/i") {
			continue
		}
		e := ends{c.Src.String(), c.Dst.String(), int64(c.SrcPort), int64(c.DstPort)}
		of[e] = append(of[e], c)
		if back := (ends{e.dst, e.src, e.dstPort, e.srcPort}); back != e {
			of[back] = append(of[back], c)
		}
	}
	times, src, dst := t.Float64s("timestamp"), t.Strings("src_ip"), t.Strings("dst_ip")
	sport, dport := table.Values[int64](t, "src_port"), table.Values[int64](t, "dst_port")
	attacks := make([]string, t.NumRows())
	found, missed := 0, -1 // the packets of open connections, and the first of those whose connection is not open
	var other Connection
	for i := range attacks {
		at := start.Add(time.Duration(times[i] * 1e9))
		list := of[ends{src[i], dst[i], sport[i], dport[i]}]
		c, ok := openAt(list, at)
		switch {
		case ok:
			found++
			attacks[i] = c.Attack
		case len(list) > 0 && missed < 0:
			missed, other = i, list[0]
		}
	}
	if found == 0 && missed >= 0 {
		return nil, fmt.Errorf("conversation: the labels have the packets' addresses and ports but other times, "+
			"the packet of %s at %v, the connection at %v: is the time zone of the list another?",
			other.Service, start.Add(time.Duration(times[missed]*1e9)).UTC().Format(time.DateTime),
			other.Start.UTC().Format(time.DateTime))
	}
	return t.With(table.Col(Attack, attacks)), nil
}

// openAt returns the connection that was open at a time. If several were, since ports are used
// again, it is the one that began last: the others had ended.
func openAt(list []Connection, at time.Time) (open Connection, ok bool) {
	for _, c := range list {
		if at.Before(c.Start.Add(-early)) || at.After(c.Start.Add(c.Duration+late)) || ok && c.Start.Before(open.Start) {
			continue
		}
		open, ok = c, true
	}
	return open, ok
}

// Attacks returns, for each conversation, the attack that it touches: that of its first packet of
// any, "" for none.
func Attacks(t *table.Table) []string {
	attacks, at := t.Strings(Attack), starts(t)
	of := make([]string, len(at)-1)
	for k := range of {
		for _, a := range attacks[at[k]:at[k+1]] {
			if a != "" {
				of[k] = a
				break
			}
		}
	}
	return of
}
