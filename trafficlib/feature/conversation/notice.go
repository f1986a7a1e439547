package conversation

import (
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// notice returns what was read of a capture, TCP packets of which some were cut short, and what was
// left out.
func notice(r capture.Report, cut int64) string {
	s := fmt.Sprintf("%d frames, %d TCP packets", r.Frames, r.TCP)
	if cut > 0 {
		s += fmt.Sprintf(" (%d of them cut short)", cut)
	}
	var left []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{r.NotIP, "not IP"}, {r.UDP + r.OtherIP, "not TCP"}, {r.Fragments, "later fragments"},
		{r.Short, "cut in a header"},
		{r.Malformed, "malformed"}, {r.OtherLink, "of a link that is not read"},
	} {
		if part.n > 0 {
			left = append(left, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(left) > 0 {
		s += "; left out: " + strings.Join(left, ", ")
	}
	if r.Untimed > 0 {
		s += fmt.Sprintf("; %d without a time", r.Untimed)
	}
	if r.Disordered > 0 {
		s += fmt.Sprintf("; %d out of order", r.Disordered)
	}
	if r.Damage != "" {
		s += "; the file is damaged " + r.Damage
	}
	return s
}
