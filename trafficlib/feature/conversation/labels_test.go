package conversation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

func TestReadLabels(t *testing.T) {
	list, err := readLabels(strings.NewReader(`id date time duration service src_port dest_port src_ip dest_ip score attack_name
# a comment
1 01/23/1998 16:56:12 00:01:26 telnet 1754 23 192.168.1.30 192.168.0.20 0 -

2 06/01/1998 00:00:01 100:00:00 eco/i - - 192.168.001.005 192.168.001.001 1 ipsweep # another
3 06/01/1998 00:00:02 00:00:01 smtp 1026 25 172.016.000.000 fe80::1 1 -
`), EST)
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	if c := list[0]; !c.Start.Equal(time.Date(1998, 1, 23, 21, 56, 12, 0, time.UTC)) ||
		c.Duration != 86*time.Second || c.Service != "telnet" || c.Src.String() != "192.168.1.30" ||
		c.Dst.String() != "192.168.0.20" || c.SrcPort != 1754 || c.DstPort != 23 || c.Attack != "" {
		t.Errorf("got %+v", c)
	}
	if c := list[1]; c.Src.String() != "192.168.1.5" || c.SrcPort != 0 || c.Duration != 100*time.Hour ||
		c.Attack != "ipsweep" {
		t.Errorf("got %+v", c)
	}
	if c := list[2]; c.Src.String() != "172.16.0.0" || c.Attack != "unnamed" {
		t.Errorf("got %+v", c)
	}
}

func TestReadLabelsRefuses(t *testing.T) {
	const good = "1 01/23/1998 16:56:12 00:01:26 telnet 1754 23 192.168.1.30 192.168.0.20 0 -\n"
	for want, text := range map[string]string{
		`:2: 10 words, want 11: id date time duration service src_port dest_port src_ip dest_ip score attack_name`: good +
			strings.TrimSuffix(good, " -\n"),
		`:1: "23/01/1998 16:56:12" is no time like 01/23/1998 16:56:12`: strings.Replace(good, "01/23", "23/01", 1),
		`:1: duration "00:01:60" is not hh:mm:ss`:                       strings.Replace(good, ":26", ":60", 1),
		`:1: duration "1:26" is not hh:mm:ss`:                           strings.Replace(good, "00:01:26", "1:26", 1),
		`:1: port "65536" is not in 0 … 65535`:                          strings.Replace(good, "1754", "65536", 1),
		`:2: "192.168.1.300" is no IP address`: "\n" +
			strings.Replace(good, "192.168.1.30", "192.168.1.300", 1),
		`:1: "192.168..30" is no IP address`: strings.Replace(good, "192.168.1.30", "192.168..30", 1),
		`:1: score "x" is not a number`:      strings.Replace(good, " 0 -", " x -", 1),
		`: no connections`:                   "id\n",
	} {
		if _, err := readLabels(strings.NewReader(text), EST); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestMark(t *testing.T) {
	list, err := readLabels(strings.NewReader(`1 01/23/1998 16:56:12 00:00:10 telnet 1754 23 10.0.0.1 10.0.0.2 1 guess
2 01/23/1998 16:57:00 00:00:10 telnet 1754 23 10.0.0.1 10.0.0.2 0 -
3 01/23/1998 16:56:22 00:00:10 telnet 1754 23 10.0.0.1 10.0.0.2 1 again
4 01/23/1998 16:56:12 00:00:10 domain/u 53 53 10.0.0.1 10.0.0.2 1 flood
`), EST)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(1998, 1, 23, 21, 56, 0, 0, time.UTC)
	var packets []*table.Table
	var all []string
	for _, c := range []struct {
		at           float64
		src, dst     string
		sport, dport int64
		want         string
	}{
		{12, "10.0.0.1", "10.0.0.2", 1754, 23, "guess"},
		{15, "10.0.0.2", "10.0.0.1", 23, 1754, "guess"},   // the way back
		{11, "10.0.0.1", "10.0.0.2", 1754, 23, "guess"},   // clocks differ by a second
		{10.9, "10.0.0.1", "10.0.0.2", 1754, 23, ""},      // and by no more
		{22.5, "10.0.0.1", "10.0.0.2", 1754, 23, "again"}, // the port is used again
		{34, "10.0.0.1", "10.0.0.2", 1754, 23, "again"},
		{34.1, "10.0.0.1", "10.0.0.2", 1754, 23, ""},
		{65, "10.0.0.1", "10.0.0.2", 1754, 23, ""}, // a normal connection
		{15, "10.0.0.1", "10.0.0.2", 23, 1754, ""}, // other ports
		{15, "10.0.0.3", "10.0.0.2", 1754, 23, ""},
		{15, "10.0.0.1", "10.0.0.2", 53, 53, ""}, // that was UDP
	} {
		packets = append(packets, table.New(
			table.Col("timestamp", []float64{c.at}),
			table.Col("src_ip", []string{c.src}), table.Col("dst_ip", []string{c.dst}),
			table.Col("src_port", []int64{c.sport}), table.Col("dst_port", []int64{c.dport})))
		all = append(all, c.want)
	}
	got, err := Mark(join(packets), start, list)
	if err != nil || !slices.Equal(got.Strings(Attack), all) {
		t.Errorf("%v, %v, want %q", got, err, all)
	}
	if _, err := Mark(packets[0], time.Time{}, list); err == nil {
		t.Error("no time of the first packet: no error")
	}
	const zone = "conversation: the labels have the packets' addresses and ports but other times, " +
		"the packet of telnet at 1998-01-23 16:56:12, the connection at 1998-01-23 21:56:12: " +
		"is the time zone of the list another?"
	if _, err := Mark(packets[0], start.Add(-5*time.Hour), list); err == nil || err.Error() != zone {
		t.Errorf("another time zone: %v", err)
	}
	// A list of other connections does not contradict these.
	if got, err := Mark(packets[9], start, list); err != nil || got.Strings(Attack)[0] != "" {
		t.Errorf("%v, %v", got, err)
	}
}

// join returns the rows of all tables, one table after the other.
func join(all []*table.Table) *table.Table {
	var times []float64
	var src, dst []string
	var sport, dport []int64
	for _, t := range all {
		times = append(times, t.Float64s("timestamp")...)
		src, dst = append(src, t.Strings("src_ip")...), append(dst, t.Strings("dst_ip")...)
		sport = append(sport, table.Values[int64](t, "src_port")...)
		dport = append(dport, table.Values[int64](t, "dst_port")...)
	}
	return table.New(table.Col("timestamp", times), table.Col("src_ip", src), table.Col("dst_ip", dst),
		table.Col("src_port", sport), table.Col("dst_port", dport))
}

func TestSymbols(t *testing.T) {
	columns := []table.Column{table.Col(Position, []int64{0, 1, 0}),
		table.Col("protocol", []string{"TCP", "TELNET", "TCP"}),
		table.Col(Attack, []string{"", "", "x"})}
	for _, name := range Flags {
		set := []int64{0, 0, 0}
		if name == "ack" || name == "push" {
			set[1] = 1
		}
		columns = append(columns, table.Col(name, set))
	}
	got := Symbols(table.New(columns...))
	if len(got) != 2 || !slices.Equal(got[0], []string{"TCP", "TELNET ack push"}) ||
		!slices.Equal(got[1], []string{"TCP"}) {
		t.Errorf("got %q", got)
	}
	if got := Attacks(table.New(columns...)); !slices.Equal(got, []string{"", "x"}) {
		t.Errorf("got %q", got)
	}
}

func FuzzReadLabels(f *testing.F) {
	f.Add("1 01/23/1998 16:56:12 00:01:26 telnet 1754 23 192.168.1.30 192.168.0.20 0 -\n")
	f.Add("id date\n2 06/01/1998 00:00:01 100:00:00 eco/i - - 192.168.001.005 ::1 1 ipsweep # x\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := readLabels(strings.NewReader(text), EST)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has two lines: %q", err)
		}
		for _, c := range list {
			if !c.Src.IsValid() || !c.Dst.IsValid() || c.Duration < 0 {
				t.Errorf("got %+v", c)
			}
		}
	})
}
