package capture

import (
	"fmt"
	"slices"
	"strings"
)

// A Report counts the frames of captures. TCP to OtherLink add up to Frames.
type Report struct {
	Frames    int64 // frames read
	TCP       int64 // packets with a TCP header
	UDP       int64
	OtherIP   int64 // ICMP and the like
	NotIP     int64 // ARP and the like
	Fragments int64 // IP fragments other than the first, which have no ports
	Short     int64 // frames with a truncated header
	Malformed int64 // frames with contradictory headers
	OtherLink int64 // frames on an unsupported link
	Cut       int64 // of Frames, those that were not captured to their end
	Untimed   int64 // of Frames, those without a valid time

	Timeless   int64 // of Untimed, those whose time is before 1678 or after 2262
	Strayed    int64 // frames whose time was days from their neighbors and was replaced, see Packet.Strayed
	Disordered int64 // frames whose time is before that of the previous frame in their file
	Misplaced  int64 // of Disordered, those too far from their place to be sorted, see Options

	Skipped    int64  // files that could not be read, if others could
	SkippedWhy string // which and why

	Damage string // why and where reading a file ended early; "" if all were read to their ends
}

// Report counts the frames read so far.
func (r *Reader) Report() Report {
	report := r.report
	for _, m := range slices.Concat(r.open, r.waiting) {
		report.add(m)
	}
	return report
}

// skip records a file that cannot be read.
func (r *Report) skip(err error) {
	const named = 10
	r.Skipped++
	why := strings.TrimPrefix(err.Error(), "capture: ")
	switch {
	case r.Skipped == 1:
		r.SkippedWhy = why
	case r.Skipped <= named:
		r.SkippedWhy += "; " + why
	case r.Skipped == named+1:
		r.SkippedWhy += "; and more"
	}
}

// add adds the counts of the sorter of a capture.
func (r *Report) add(m *member) {
	r.Disordered += m.sorter.disordered
	r.Misplaced += m.sorter.misplaced
	r.Strayed += m.sorter.strayed
	r.Timeless += m.sorter.timeless
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

// String returns the report in one line.
func (r Report) String() string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{r.TCP, "TCP"}, {r.UDP, "UDP"}, {r.OtherIP, "other IP"}, {r.NotIP, "not IP"}, {r.Fragments, "later fragments"},
		{r.Short, "cut in a header"}, {r.Malformed, "malformed"}, {r.OtherLink, "on an unsupported link"},
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
		s += fmt.Sprintf(", %d of them with one out of range", r.Timeless)
	}
	if r.Strayed > 0 {
		s += fmt.Sprintf("; %d with a clock that was off", r.Strayed)
	}
	if r.Disordered > 0 {
		s += fmt.Sprintf("; %d out of order", r.Disordered)
	}
	if r.Misplaced > 0 {
		s += fmt.Sprintf(", %d of them left there", r.Misplaced)
	}
	if r.Skipped > 0 {
		s += fmt.Sprintf("; %d files left out: %s", r.Skipped, r.SkippedWhy)
	}
	if r.Damage != "" {
		s += "; damaged " + r.Damage
	}
	return s
}
