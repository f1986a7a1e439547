package capture

import (
	"math"
	"time"
)

// A stray clock is days away from the times before and after, for a few frames.
const (
	far       = int64(24 * time.Hour)
	near      = int64(time.Hour) // how close to the previous frame the clock must return
	maxStrays = 64               // frames until it must
)

// stray looks at a frame whose time is far from that of the previous one. If the clock is right
// again soon, the time was wrong, and the frame gets that of the previous one: otherwise it would
// end flows and stretch series by years. A clock that stays at its new time, in either direction,
// is accepted.
func (s *sorter) stray(f *rawFrame) {
	next := s.frames[s.first:]
	if s.delivered == math.MinInt64 { // the first frame can only be compared with the next one
		if len(next) > 0 && f.nanos-next[0].nanos > far {
			f.nanos, f.strayed = next[0].nanos, true
			s.strayed++
		}
		return
	}
	for i := range min(len(next), maxStrays) {
		if gap := next[i].nanos - s.delivered; gap > -near && gap < near {
			f.nanos, f.strayed = s.delivered, true
			s.strayed++
			return
		}
	}
}
