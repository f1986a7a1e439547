// Package conversation turns the packets of a capture into TCP conversations: runs of packets
// between one host and its peers, which a sequence model can learn to continue.
//
// Read takes a capture, a CSV export of Wireshark or tshark, or a CSV of ready sequences, and
// returns a table of TCP packets with the columns of Columns; ReadAll takes several captures as
// one. Mark adds the attacks of a labeled list (column attack); Clean leaves the protocols that a
// model knows; Cut numbers the packets within conversations (column position); Split divides these
// into parts (column part); and Encode makes a sequence set of them, in which a packet is 25
// numbers (Features).
//
//	capture or CSV ──Read──▶ packets ──Mark──▶ ──Clean──▶ ──Cut──▶ conversations ──Split──▶ ──Encode──▶ seq.Set
//
// Summary has a row for each conversation, Symbols the protocol and flags of each packet as a word,
// for baselines, and Compare puts predictions beside what came. The rules are those of a published
// parser of the DARPA 1998 captures (TCPAnomalyDetectionSeq2Seq), each of them a parameter. Rows
// that are not TCP packets are left out and counted. A file without TCP packets, a value that
// cannot be one and a label that cannot be read are refused in one line that names the place.
package conversation

import (
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Columns are the columns of a table of packets, in order: the frame's number in the capture
// (int64), seconds since its first frame (float64), addresses and protocol (text), bytes on the
// wire, ports, and the ten flags of the TCP header from the reserved bits on, each 0 or 1 (all
// int64). A flag without values in a CSV is a float64 column of NaN.
var Columns = slices.Concat([]string{"No.", "timestamp", "src_ip", "dst_ip", "protocol", "length", "src_port",
	"dst_port"}, Flags)

// Flags are the columns of the flags.
var Flags = []string{"res", "ns", "cwr", "ecn", "urg", "ack", "push", "reset", "syn", "fin"}

// The columns that this package adds.
const (
	Position = "position" // int64: the number of the packet within its conversation, from 0
	Attack   = "attack"   // text: the attack that the packet belongs to, "" if none is known
	Part     = "part"     // text: what its conversation is for, seq.Train, seq.Test or seq.Attack
)

// first puts a column before the others.
func first[T table.Value](t *table.Table, name string, values []T) *table.Table {
	if t.Has(name) {
		t = t.Drop(name)
	}
	return t.With(table.Col(name, values)).Select(append([]string{name}, t.Names()...)...)
}

// dropLast leaves out the last conversation.
func dropLast(t *table.Table) *table.Table {
	at := starts(t)
	if len(at) < 2 {
		return t
	}
	return t.Slice(0, at[len(at)-2])
}

// starts returns the rows at which conversations begin, then the number of rows.
func starts(t *table.Table) []int {
	var at []int
	for i, p := range table.Values[int64](t, Position) {
		if p == 0 {
			at = append(at, i)
		}
	}
	return append(at, t.NumRows())
}
