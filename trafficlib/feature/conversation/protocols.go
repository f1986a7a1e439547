package conversation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

const tcp = "TCP"

// Known are the protocols that a packet's features distinguish.
var Known = []string{tcp, "TELNET", "SMTP", "HTTP", "SSHv1", "IRC", "POP"}

// Dropped are the protocols that TCPAnomalyDetectionSeq2Seq leaves out.
var Dropped = []string{"FINGER", "FTP-DATA", "FTP", "TIME"}

// Protocols says what Clean does with the protocols of packets. The zero value has the rules of
// TCPAnomalyDetectionSeq2Seq.
type Protocols struct {
	Keep   []string          // those that keep their names; nil means Known. All others count as TCP
	Drop   []string          // packets of these are left out; nil means Dropped, an empty list none
	Rename map[string]string // other names of a protocol; nil means SSH and SSHv2 for SSHv1, which stands for all of SSH
}

// A Cleaning is what Clean changed: packets by the protocol that they had.
type Cleaning struct {
	Dropped map[string]int // left out
	Renamed map[string]int // renamed to one that is kept
	AsTCP   map[string]int // of a protocol that is not kept
}

// Clean returns the packets of the wanted protocols. A protocol within another, such as SMTP|IMF or
// HTTP/XML, counts as the outer one. Packets that have positions in ready conversations are not
// left out: they would leave holes.
func Clean(t *table.Table, p Protocols) (*table.Table, Cleaning) {
	if p.Keep == nil {
		p.Keep = Known
	}
	if p.Drop == nil {
		p.Drop = Dropped
	}
	if p.Rename == nil {
		p.Rename = map[string]string{"SSH": "SSHv1", "SSHv2": "SSHv1"}
	}
	c := Cleaning{map[string]int{}, map[string]int{}, map[string]int{}}
	names := make([]string, t.NumRows())
	for i, was := range t.Strings("protocol") {
		name := was
		if end := strings.IndexAny(was, "|/"); end > 0 {
			name = was[:end]
		}
		if to, ok := p.Rename[name]; ok {
			name = to
		}
		switch {
		case slices.Contains(p.Drop, name) && !t.Has(Position):
			c.Dropped[was]++
			name = ""
		case !slices.Contains(p.Keep, name):
			c.AsTCP[was]++
			name = tcp
		case name != was:
			c.Renamed[was]++
		}
		names[i] = name
	}
	return t.With(table.Col("protocol", names)).Where(func(r table.Row) bool { return names[r.Index()] != "" }), c
}

// String returns the changes in one line.
func (c Cleaning) String() string {
	var parts []string
	for _, part := range []struct {
		what string
		of   map[string]int
	}{{"left out", c.Dropped}, {"renamed", c.Renamed}, {"counted as TCP", c.AsTCP}} {
		var each []string
		for _, name := range slices.Sorted(maps.Keys(part.of)) {
			each = append(each, fmt.Sprintf("%d %s", part.of[name], name))
		}
		if len(each) > 0 {
			parts = append(parts, part.what+": "+strings.Join(each, ", "))
		}
	}
	if len(parts) == 0 {
		return "all protocols as they were"
	}
	return strings.Join(parts, "; ")
}
