package conversation

import (
	"fmt"
	"math"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Rules say where conversations begin and end. The zero value has the rules of the original parser.
type Rules struct {
	Unconditional int           // packets that belong to a conversation whatever they are; 0 means 4
	Longest       int           // packets; 0 means 320
	Within        time.Duration // of the first packet; 0 means 1 s
	SkipFirstRow  bool          // leave the first packet of the table out, as the original does by mistake
	DropLast      bool          // leave the last conversation of the table out, as it does too
}

// Cut numbers packets within their conversations, in a column position in front: a conversation begins at the first
// packet that is in none, and belongs to the host that sent it. It takes the next packets as they come, the first four
// whatever they are, and ends before a packet that its host neither sends nor receives, or that comes more than a
// second after its first one, or would be the 321st. One begins only where more than three packets are left; those
// that remain are left out.
//
// Conversations follow each other and do not overlap: what other hosts say in between ends one. Fewer packets than a
// conversation needs are an error. A table with positions is of ready conversations, which are given as they are.
func Cut(t *table.Table, r Rules) (*table.Table, error) {
	t, err := cut(t, r)
	if err == nil && r.DropLast {
		t = DropLast(t)
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
		return nil, fmt.Errorf("conversation: %d packets unconditionally, %d at most, within %v: these rules contradict themselves", r.Unconditional, r.Longest, r.Within)
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
		return nil, fmt.Errorf("conversation: %d packets make no conversation: it has %d or more", t.NumRows(), r.Unconditional)
	}
	return first(t.Head(len(position)), Position, position), nil
}

// Split cuts packets, in the order of time, in two: the last ceil(part·n) are for testing. Packets are split before
// they are cut into conversations, so that none is in both. It panics when part is not in 0 … 1.
func Split(t *table.Table, part float64) (train, test *table.Table) {
	if !(part >= 0 && part <= 1) {
		panic(fmt.Sprintf("conversation: Split: %v is not in 0 … 1", part))
	}
	n := t.NumRows() - int(math.Ceil(part*float64(t.NumRows())))
	return t.Slice(0, n), t.Slice(n, t.NumRows())
}
