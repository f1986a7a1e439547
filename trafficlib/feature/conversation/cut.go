package conversation

import (
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Rules say where conversations begin and end. The zero value has the rules of
// TCPAnomalyDetectionSeq2Seq, without its mistakes: SkipFirstRow and DropLast.
type Rules struct {
	Unconditional int           // packets that belong to a conversation whatever they are; 0 means 4
	Longest       int           // packets; 0 means 320
	Within        time.Duration // of the first packet; 0 means 1 s
	SkipFirstRow  bool          // leave out the first packet of the table
	DropLast      bool          // leave out the last conversation of the table
}

// Cut numbers packets within their conversations, in a column position in front: a conversation
// begins at the first packet that is in none, and belongs to the host that sent it. It takes the
// next packets as they come, the first four whatever they are, and ends before a packet that its
// host neither sends nor receives, or that comes more than a second after its first one, or would
// be the 321st. One begins only where more than three packets are left; the rest is left out.
//
// Conversations follow each other and do not overlap: packets of other hosts in between end one.
// Fewer packets than a conversation needs are an error. A table with positions holds ready
// conversations, and is returned unchanged.
func Cut(t *table.Table, r Rules) (*table.Table, error) {
	t, err := cut(t, r)
	if err == nil && r.DropLast {
		t = dropLast(t)
	}
	return t, err
}

func cut(t *table.Table, r Rules) (*table.Table, error) {
	if t.Has(Position) {
		return t, nil
	}
	if r.Unconditional == 0 {
		r.Unconditional = 4
	}
	if r.Longest == 0 {
		r.Longest = 320
	}
	if r.Within == 0 {
		r.Within = time.Second
	}
	if r.Unconditional < 1 || r.Longest < r.Unconditional || r.Within < 0 {
		return nil, fmt.Errorf("conversation: %d packets unconditionally, %d at most, within %v: "+
			"these rules contradict themselves", r.Unconditional, r.Longest, r.Within)
	}
	if r.SkipFirstRow && t.NumRows() > 0 {
		t = t.Slice(1, t.NumRows())
	}
	times, src, dst := t.Float64s("timestamp"), t.Strings("src_ip"), t.Strings("dst_ip")
	within := r.Within.Seconds()
	position := make([]int64, 0, t.NumRows())
	for len(times)-len(position) >= r.Unconditional {
		begin := len(position)
		for i := begin; i < len(times) && i-begin < r.Longest; i++ {
			if i-begin >= r.Unconditional && (src[i] != src[begin] && dst[i] != src[begin] || times[i]-times[begin] > within) {
				break
			}
			position = append(position, int64(i-begin))
		}
	}
	if len(position) == 0 {
		return nil, fmt.Errorf("conversation: %d packets make no conversation: it has %d or more", t.NumRows(),
			r.Unconditional)
	}
	return first(t.Head(len(position)), Position, position), nil
}
