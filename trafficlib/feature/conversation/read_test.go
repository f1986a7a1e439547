package conversation

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

const header = "No.,Time,Source,Destination,Protocol,Length,Source port,Dest port,Reserved,Nonce," +
	"Congestion Window Reduced (CWR),ECN-Echo,Urgent,Acknowledgment,Push,Reset,Syn,Fin\n"

func read(t testing.TB, name, text string) (*Packets, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := Read(context.Background(), path, nil)
	if err != nil { // without the folder, which changes
		err = errors.New(strings.ReplaceAll(err.Error(), path, name))
	}
	return p, err
}

// unset returns n flags that are not set.
func unset(n int) string { return strings.Repeat(",Not set", n) }

// In an export of a whole capture, rows other than TCP are left out and counted.
func TestWireshark(t *testing.T) {
	p, err := read(t, "x.csv", header+
		"28,30.226767,192.168.1.30,192.168.0.20,TCP,60,1754,23"+unset(8)+",Set,Not set\n"+
		"29,30.5,10.0.0.1,10.0.0.2,ARP,60,,"+strings.Repeat(",", 10)+"\n"+
		"30,30.6,10.0.0.1,10.0.0.2,DNS,60,53,53"+strings.Repeat(",", 10)+"\n"+
		"31,31,fe80::1,fe80::2,SMTP|IMF,1514,25,40000"+unset(5)+",Set,Set"+unset(3)+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Table.Names(), Columns) || p.Table.NumRows() != 2 ||
		p.Notice != "4 rows read; 2 of another kind left out" || !p.Start.IsZero() {
		t.Errorf("%d rows of %q, %s", p.Table.NumRows(), p.Table.Names(), p.Notice)
	}
	if got := table.Values[int64](p.Table, "syn"); !slices.Equal(got, []int64{1, 0}) {
		t.Errorf("syn is %v", got)
	}
	if got := table.Values[int64](p.Table, "push"); !slices.Equal(got, []int64{0, 1}) {
		t.Errorf("push is %v", got)
	}
	clean, c := Clean(p.Table, Protocols{})
	if got := clean.Strings("protocol"); !slices.Equal(got, []string{"TCP", "SMTP"}) ||
		c.String() != "renamed: 1 SMTP|IMF" {
		t.Errorf("%v, %v", got, c)
	}
}

// A flag without values in the file is missing, and has no features.
func TestEmptyFlag(t *testing.T) {
	row := "1,0.5,a,b,TCP,60,1754,23,Not set," + unset(6) + ",Set,Not set\n"
	p, err := read(t, "x.csv", header+strings.Repeat(row, 4))
	if err != nil {
		t.Fatal(err)
	}
	enc, err := encode.FitTable(p.Table, Features(false)...)
	if err != nil || enc.Features() != 24 || enc.Notices()[2] != `column "ns" is empty throughout: it makes no features` {
		t.Errorf("%v, %v", enc, err)
	}
	cut, err := Cut(p.Table, Rules{})
	if err != nil || Symbols(cut)[0][0] != "TCP syn" {
		t.Errorf("%v, %v", cut, err)
	}
}

// The output of tshark -T fields -E header=y can be read too, with tabs or with -E separator=,
func TestTshark(t *testing.T) {
	const text = "frame.number,frame.time_relative,ip.src,ip.dst,_ws.col.protocol,frame.len,tcp.srcport,tcp.dstport," +
		"tcp.flags.res,tcp.flags.ae,tcp.flags.cwr,tcp.flags.ece,tcp.flags.urg,tcp.flags.ack," +
		"tcp.flags.push,tcp.flags.reset,tcp.flags.syn,tcp.flags.fin\n" +
		"1,0.000000000,10.0.0.1,10.0.0.2,TCP,74,40000,80,0,0,0,0,0,0,0,0,1,0\n" +
		"2,0.001000000,10.0.0.2,10.0.0.1,TCP,74,80,40000,False,False,False,False,False,True,False,False,True,False\n"
	// These are the column names of tshark 4.4.
	columns := strings.NewReplacer("ip.src", "_ws.col.def_src", "ip.dst", "_ws.col.def_dst")
	for _, text := range []string{text, strings.ReplaceAll(text, ",", "\t"), columns.Replace(text)} {
		p, err := read(t, "x.csv", text)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Values[int64](p.Table, "ack"); !slices.Equal(got, []int64{0, 1}) ||
			!slices.Equal(p.Table.Names(), Columns) {
			t.Errorf("ack is %v", got)
		}
	}
}

// Sequences that another program has cut keep their positions and attacks, whatever the order of
// the columns.
func TestSequences(t *testing.T) {
	const names = "attack,No.,timestamp,src_ip,dst_ip,protocol,length,src_port,dst_port," +
		"res,ns,cwr,ecn,urg,ack,push,reset,syn,fin,position,other\n"
	row := func(attack, position string) string {
		return attack + ",1,0.5,a,b,TCP,60,1,2,0,0,0,0,0,0,0,0,1,0," + position + ",x\n"
	}
	p, err := read(t, "x.csv", names+row("", "0")+row("guess", "1")+row("", "0"))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Table.Names(); got[0] != Position || got[len(got)-1] != Attack || len(got) != 20 ||
		!slices.Equal(Attacks(p.Table), []string{"guess", ""}) {
		t.Errorf("%q, %v", got, Attacks(p.Table))
	}
	for want, rows := range map[string]string{
		"conversation: x.csv: packet 0 (No. 1): position 1 after -1": row("", "1"),
		"conversation: x.csv: packet 2 (No. 1): position 1 after 1":  row("", "0") + row("", "1") + row("", "1"),
	} {
		if _, err := read(t, "x.csv", names+rows); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := "28,30.226767,192.168.1.30,192.168.0.20,TCP,60,1754,23" + unset(8) + ",Set,Not set\n"
	for _, c := range []struct{ text, want string }{
		{header + strings.Replace(good, ",60,", ",12a,", 1),
			`conversation: table: x.csv:2: column "Length": "12a" is not a whole number of 64 bits`},
		{header + good + strings.Replace(good, ",Set,", ",maybe,", 1),
			`conversation: table: x.csv:3: column "Syn": "maybe" is neither true nor false`},
		{header + good + strings.Replace(good, ",Not set,Not set", ",Not set,", 1),
			`conversation: table: x.csv:3: column "Nonce": no value`},
		{header + strings.Replace(good, "Set,Not set\n", "1,2\n", 1),
			`conversation: table: x.csv:2: column "Fin": "2" is neither true nor false`},
		{header + strings.Replace(good, ",30.226767,", ",,", 1), `conversation: table: x.csv:2: column "Time": no value`},
		{header + good + strings.Replace(good, ",1754,", ",70000,", 1),
			`conversation: x.csv: packet 1 (No. 28): src_port 70000 is not in 0 … 65535`},
		{header + strings.Replace(good, ",60,", ",-1,", 1),
			`conversation: x.csv: packet 0 (No. 28): length -1 is not in 0 … 4294967295`},
		{header + "29,30.5,10.0.0.1,10.0.0.2,ARP,60,,,,,,,,,,,,\n",
			`conversation: table: x.csv: none of 1 rows is of the kind that is read`},
		{header, `conversation: table: x.csv: no rows below the header`},
		{"", `conversation: table: x.csv: the file is empty`},
		{"a,b\n1,2\n",
			`conversation: x.csv: neither a capture nor a CSV of packets: no column "No." ` +
				`(nor Number, frame.number); there are ["a" "b"]`},
		{"\xd4\xc3\xb2\xa1", `conversation: capture: x.csv: the header of a pcap file: the file is truncated`},
	} {
		if _, err := read(t, "x.csv", c.text); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := read(t, "x.pcap",
		"\xd4\xc3\xb2\xa1\x02\x00\x04\x00"+strings.Repeat("\x00", 12)+"\x01\x00\x00\x00"); err == nil ||
		err.Error() != "conversation: x.pcap: no TCP packets: 0 frames, 0 TCP packets" {
		t.Errorf("a capture without packets: %v", err)
	}
	if _, err := Read(context.Background(), "no such file", nil); err == nil {
		t.Error("no file: no error")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header + "28,30.226767,192.168.1.30,192.168.0.20,TCP,60,1754,23" + unset(8) + ",Set,Not set\n"))
	f.Add([]byte("position,No.,timestamp,src_ip,dst_ip,protocol,length,src_port,dst_port," +
		"res,ns,cwr,ecn,urg,ack,push,reset,syn,fin,attack\n" +
		"0,29,30.2,a,b,TCP,60,23,1754,0,0,0,0,0,1,0,0,1,0,\n"))
	path := filepath.Join(f.TempDir(), "x.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		p, err := Read(context.Background(), path, nil)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has two lines: %q", err)
			}
			return
		}
		clean, _ := Clean(p.Table, Protocols{})
		if cut, err := Cut(clean, Rules{}); err == nil {
			Symbols(cut)
			if _, shortest, longest := lengths(cut); !p.Table.Has(Position) && (shortest < 4 || longest > 320) {
				t.Errorf("conversations of %d to %d packets", shortest, longest)
			}
		}
	})
}
