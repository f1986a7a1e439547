package conversation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A field is a column as files name and type it.
type field struct {
	name string
	typ  table.Type
	also []string // its name in Wireshark's export and tshark -T fields, in any case
}

var fields = []field{
	{"No.", table.Int64, []string{"Number", "frame.number"}},
	{"timestamp", table.Float64, []string{"Time", "frame.time_relative"}},
	{"src_ip", table.String, []string{"Source", "Source address", "_ws.col.Source", "_ws.col.def_src", "ip.src",
		"ipv6.src"}},
	{"dst_ip", table.String, []string{"Destination", "Destination address", "_ws.col.Destination",
		"_ws.col.def_dst", "ip.dst", "ipv6.dst"}},
	{"protocol", table.String, []string{"_ws.col.Protocol"}},
	{"length", table.Int64, []string{"Packet length (bytes)", "frame.len"}},
	{"src_port", table.Int64, []string{"Source port", "tcp.srcport"}},
	{"dst_port", table.Int64, []string{"Dest port", "Destination port", "tcp.dstport"}},
	{"res", table.Bool, []string{"Reserved", "tcp.flags.res"}},
	{"ns", table.Bool, []string{"Nonce", "Accurate ECN", "tcp.flags.ns", "tcp.flags.ae"}},
	{"cwr", table.Bool, []string{"Congestion Window Reduced (CWR)", "Congestion Window Reduced", "tcp.flags.cwr"}},
	{"ecn", table.Bool, []string{"ece", "ECN-Echo", "tcp.flags.ecn", "tcp.flags.ece"}},
	{"urg", table.Bool, []string{"Urgent", "tcp.flags.urg"}},
	{"ack", table.Bool, []string{"Acknowledgment", "tcp.flags.ack"}},
	{"push", table.Bool, []string{"psh", "tcp.flags.push"}},
	{"reset", table.Bool, []string{"rst", "tcp.flags.reset"}},
	{"syn", table.Bool, []string{"tcp.flags.syn"}},
	{"fin", table.Bool, []string{"tcp.flags.fin"}},
	{Position, table.Int64, nil},
	{Attack, table.String, nil},
}

// find returns the name of the field among names, "" if it is not there.
func (f field) find(names []string) string {
	for _, want := range append([]string{f.name}, f.also...) {
		for _, name := range names {
			if strings.EqualFold(want, name) {
				return name
			}
		}
	}
	return ""
}

// readCSV reads packets, or ready sequences, of a CSV file.
func readCSV(path string) (*Packets, error) {
	comma := ','
	names, err := table.Header(path, table.Options{})
	if err == nil && len(names) == 1 && strings.Contains(names[0], "\t") { // as tshark writes by default
		comma = '\t'
		names, err = table.Header(path, table.Options{Comma: comma})
	}
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	found := map[string]string{}
	o := table.Options{Comma: comma, Types: map[string]table.Type{}, True: []string{"Set", "1"},
		False: []string{"Not set", "0"}}
	for _, f := range fields {
		name := f.find(names)
		if name == "" && f.name != Position && f.name != Attack {
			return nil, fmt.Errorf("conversation: %s: neither a capture nor a CSV of packets: no column %q (nor %s); "+
				"there are %q",
				path, f.name, strings.Join(f.also, ", "), few(names))
		}
		if name == "" {
			continue
		}
		found[f.name] = name
		if f.typ != table.Bool { // flags are read first: some of their columns are empty throughout
			o.Types[name] = f.typ
		}
		o.Columns = append(o.Columns, name)
	}
	// Exports of a whole capture have rows of UDP, ARP and the like: their flags are empty.
	o.Rows = func(cell func(string) string) bool { return strings.TrimSpace(cell(found["syn"])) != "" }
	t, err := table.ReadCSV(path, o)
	if err == nil && !flags(t, found) { // again, for the place of the value that is not a flag
		for _, name := range Flags {
			if !empty(t, found[name]) {
				o.Types[found[name]] = table.Bool
			}
		}
		t, err = table.ReadCSV(path, o)
	}
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	notice := t.Report().String()
	order := slices.Clone(Columns)
	if found[Position] != "" {
		order = append([]string{Position}, order...)
	}
	if found[Attack] != "" {
		order = append(order, Attack)
	}
	columns := make([]table.Column, 0, len(order))
	for _, name := range order {
		columns = append(columns, column(t, found[name], name))
	}
	t = table.New(columns...)
	if err := check(t); err != nil {
		return nil, fmt.Errorf("conversation: %s: %w", path, err)
	}
	if !t.Has(Position) {
		var moved int
		if t, moved = inOrder(t); moved > 0 {
			notice += fmt.Sprintf("; %d packets out of order", moved)
		}
	}
	return &Packets{Table: t, Notice: notice}, nil
}

// flags reports whether the columns of flags are as they should be: true or false, 0 or 1, or empty
// throughout.
func flags(t *table.Table, found map[string]string) bool {
	for _, name := range Flags {
		switch c := t.Column(found[name]); {
		case c.Type() == table.Bool || empty(t, found[name]):
		case c.Type() != table.Int64 || slices.ContainsFunc(c.Float64s(),
			func(v float64) bool { return v != 0 && v != 1 }):
			return false
		}
	}
	return true
}

// empty reports whether a column has no value at all, like the flag that Wireshark 4 has renamed.
func empty(t *table.Table, name string) bool {
	return t.Text(name) && !slices.ContainsFunc(t.Strings(name), func(s string) bool { return s != "" })
}

// column returns a column under its own name, flags as 0 and 1, and empty flags as missing values.
func column(t *table.Table, from, name string) table.Column {
	if slices.Contains(Flags, name) && empty(t, from) {
		return table.Col(name, slices.Repeat([]float64{math.NaN()}, t.NumRows()))
	}
	switch t.Column(from).Type() {
	case table.Bool:
		set := make([]int64, t.NumRows())
		for i, yes := range table.Values[bool](t, from) {
			if yes {
				set[i] = 1
			}
		}
		return table.Col(name, set)
	case table.Int64:
		return table.Col(name, table.Values[int64](t, from))
	case table.Float64:
		return table.Col(name, table.Values[float64](t, from))
	}
	return table.Col(name, t.Strings(from))
}

// check finds numbers that no packet has.
func check(t *table.Table) error {
	const largest = 1<<32 - 1 // of a frame in a capture file
	limits := map[string]int64{"length": largest, "src_port": 1<<16 - 1, "dst_port": 1<<16 - 1}
	for _, name := range []string{"length", "src_port", "dst_port"} {
		for i, v := range table.Values[int64](t, name) {
			if v < 0 || v > limits[name] {
				return fmt.Errorf("packet %d (No. %d): %s %d is not in 0 … %d", i,
					table.Values[int64](t, "No.")[i], name, v, limits[name])
			}
		}
	}
	if !t.Has(Position) {
		return nil
	}
	last := int64(-1)
	for i, p := range table.Values[int64](t, Position) {
		if p != 0 && (p != last+1 || i == 0) {
			return fmt.Errorf("packet %d (No. %d): position %d after %d", i, table.Values[int64](t, "No.")[i], p, last)
		}
		last = p
	}
	return nil
}

// few returns the beginnings of the first few names: in a file that is not a CSV they may be long.
func few(names []string) []string {
	const most, letters = 8, 40
	short := slices.Clone(names[:min(len(names), most)])
	for i, name := range short {
		if len(name) > letters {
			short[i] = strings.ToValidUTF8(name[:letters], "") + "…"
		}
	}
	return short
}
