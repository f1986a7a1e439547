package capture

import (
	"fmt"
	"slices"
	"strings"
)

// Report counts what the frames of captures were. TCP to Malformed and OtherLink add up to Frames.
type Report struct {
	Frames    int64 // as far as they were read
	TCP       int64 // packets with a TCP header
	UDP       int64
	OtherIP   int64 // ICMP and the like
	NotIP     int64 // ARP and the like
	Fragments int64 // IP fragments but the first, which has no ports
	Short     int64 // cut by the capture in the middle of a header
	Malformed int64 // headers that contradict themselves
	OtherLink int64 // of an interface whose link is not read
	Cut       int64 // of Frames, those that the capture did not keep to their end
	Untimed   int64 // of Frames, those without a time

	Timeless   int64 // of Untimed, those whose time is before 1678 or after 2262
	Strayed    int64 // frames with a time days from those around them, which have that of the frame before
	Disordered int64 // frames whose time is before that of the frame before them in their file
	Beyond     int64 // frames that are behind a later one still, too far from their place to be put there, see Options

	Odd    int64  // files that could not be read at all, beside others that could
	OddWhy string // which, and why

	Damage string // what ended reading before the end of a file, and where; "" for nothing
}

// Report says what the frames so far were.
func (r *Reader) Report() Report {
	report := r.report
	for _, t := range slices.Concat(r.open, r.waiting) {
		report.add(t)
	}
	return report
}

// odd notes a file that cannot be read.
func (r *Report) odd(err error) {
	const named = 10
	r.Odd++
	why := strings.TrimPrefix(err.Error(), "capture: ")
	switch {
	case r.Odd == 1:
		r.OddWhy = why
	case r.Odd <= named:
		r.OddWhy += "; " + why
	case r.Odd == named+1:
		r.OddWhy += "; and more"
	}
}

// add counts what reading a capture counted.
func (r *Report) add(t *part) {
	r.Disordered += t.sorter.disordered
	r.Beyond += t.sorter.beyond
	r.Strayed += t.sorter.strayed
	r.Timeless += t.sorter.timeless
}

func (r *Report) count(p *Packet) {
	r.Frames++
	if len(p.Data) < p.Length {
		r.Cut++
	}
	if p.Untimed {
		r.Untimed++
	}
	switch p.Kind {
	case Decoded:
		switch p.Protocol {
		case TCP:
			r.TCP++
		case UDP:
			r.UDP++
		default:
			r.OtherIP++
		}
	case NotIP:
		r.NotIP++
	case Fragment:
		r.Fragments++
	case Short:
		r.Short++
	case Malformed:
		r.Malformed++
	case OtherLink:
		r.OtherLink++
	}
}

// String gives the report in one line.
func (r Report) String() string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{r.TCP, "TCP"}, {r.UDP, "UDP"}, {r.OtherIP, "other IP"}, {r.NotIP, "not IP"}, {r.Fragments, "later fragments"},
		{r.Short, "cut in a header"}, {r.Malformed, "malformed"}, {r.OtherLink, "of a link that is not read"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	s := fmt.Sprintf("%d frames", r.Frames)
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	if r.Cut > 0 {
		s += fmt.Sprintf("; %d cut short by the capture", r.Cut)
	}
	if r.Untimed > 0 {
		s += fmt.Sprintf("; %d without a time", r.Untimed)
	}
	if r.Timeless > 0 {
		s += fmt.Sprintf(", %d of them with one that no clock has", r.Timeless)
	}
	if r.Strayed > 0 {
		s += fmt.Sprintf("; %d with a clock that was off", r.Strayed)
	}
	if r.Disordered > 0 {
		s += fmt.Sprintf("; %d out of order", r.Disordered)
	}
	if r.Beyond > 0 {
		s += fmt.Sprintf(", %d of them left there", r.Beyond)
	}
	if r.Odd > 0 {
		s += fmt.Sprintf("; %d files left out: %s", r.Odd, r.OddWhy)
	}
	if r.Damage != "" {
		s += "; damaged " + r.Damage
	}
	return s
}
