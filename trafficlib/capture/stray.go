package capture

import (
	"math"
	"time"
)

// A clock that strays is days from what is before and behind it, for few frames.
const (
	far        = int64(24 * time.Hour)
	near       = int64(time.Hour) // of the frame before, where the clock is right again
	mostStrays = 64               // frames that it may stray for
)

// stray takes the frame before those that wait, whose time is far from that of the frame before it. When the clock is
// right again soon, the time was none: it would end flows and stretch series by years, and the frame has that of the frame
// before. A clock that is set for good, in either direction, is believed.
func (s *sorter) stray(f *rawFrame) {
	next := s.frames[s.first:]
	if s.given == math.MinInt64 { // the first frame: only the one behind it can tell
		if len(next) > 0 && f.nanos-next[0].nanos > far {
			f.nanos, f.strayed = next[0].nanos, true
			s.strayed++
		}
		return
	}
	for i := range min(len(next), mostStrays) {
		if gap := next[i].nanos - s.given; gap > -near && gap < near {
			f.nanos, f.strayed = s.given, true
			s.strayed++
			return
		}
	}
}
