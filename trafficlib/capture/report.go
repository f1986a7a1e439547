package capture

import (
	"fmt"
	"strings"
)

// Report counts what became of the frames of a capture.
type Report struct {
	Frames    int64 // in the file, as far as it was read
	Packets   int64 // TCP packets that were given
	NotIP     int64 // ARP and the like
	NotTCP    int64 // UDP, ICMP and the like
	Fragments int64 // IP fragments but the first, which has no ports
	Short     int64 // cut by the capture before the TCP flags
	Malformed int64 // headers that contradict themselves
	NoTime    int64 // pcapng's simple packets, which have no time
	OtherLink int64 // of an interface whose link is not read
	Cut       int64 // of Packets, those that the capture did not keep to their end

	Damage string // what ended reading before the end of the file, and where; "" for nothing
}

// Report says what was left out so far.
func (r *Reader) Report() Report { return r.report }

// String gives the report in one line.
func (r Report) String() string {
	var left []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{r.NotIP, "not IP"}, {r.NotTCP, "not TCP"}, {r.Fragments, "later fragments"}, {r.Short, "cut before the TCP flags"},
		{r.Malformed, "malformed"}, {r.NoTime, "without a time"}, {r.OtherLink, "of a link that is not read"},
	} {
		if part.n > 0 {
			left = append(left, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	s := fmt.Sprintf("%d frames, %d TCP packets", r.Frames, r.Packets)
	if r.Cut > 0 {
		s += fmt.Sprintf(" (%d of them cut short)", r.Cut)
	}
	if len(left) > 0 {
		s += "; left out: " + strings.Join(left, ", ")
	}
	if r.Damage != "" {
		s += "; the file is damaged " + r.Damage
	}
	return s
}
