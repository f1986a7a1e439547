package capture

import "slices"

// rawFrame is a frame before decoding.
type rawFrame struct {
	data     []byte
	length   int
	nanos    int64
	number   int64
	link     Link
	untimed  bool
	timeless bool // untimed because its time does not fit 64 bits of nanoseconds
	strayed  bool
}

// sorter sorts the frames of a file by time, within a window of frames and time. If ahead is 0 it
// delivers them as they come.
type sorter struct {
	ahead  int   // frames that are read before one is delivered
	window int64 // nanoseconds; a frame moves only before frames that are at most this much later

	frames    []rawFrame // waiting frames, from index first on
	first     int
	bytes     int      // of the waiting frames
	single    rawFrame // the current frame if none wait
	end       error    // that ended reading
	ordered   int      // frames read since the last one that was out of order
	scout     scout
	scouting  bool // the scout is active, and the frames that it has seen are in order
	begun     bool
	last      int64 // time of the last frame that was read
	delivered int64 // time of the last frame that was delivered; the smallest number before the first

	copies bool     // frames must be copied, because the input does not keep them
	free   [][]byte // buffers of delivered frames
	lent   []byte   // buffer of the last delivered frame

	disordered, misplaced, strayed, timeless int64
}

// maxWaiting bounds the bytes of the waiting frames.
const maxWaiting = 8 << 20

// next returns the next frame, which is valid until the next call, or the error that ended the
// file.
func (s *sorter) next(m *member) (*rawFrame, error) {
	if s.ahead == 0 {
		return &s.single, s.read(m, &s.single)
	}
	if s.lent != nil {
		s.free, s.lent = append(s.free, s.lent), nil
	}
	if s.scouting && s.first == len(s.frames) { // the end of the file, or damage
		return &s.single, s.read(m, &s.single)
	}
	if !s.scouting && s.end == nil && len(s.frames)-s.first <= s.ahead {
		s.fill(m)
	}
	if s.first == len(s.frames) {
		return nil, s.end
	}
	f := &s.frames[s.first]
	s.first++
	s.bytes -= len(f.data)
	if gap := f.nanos - s.delivered; gap > far || gap < -far {
		s.stray(f)
	}
	s.delivered = f.nanos
	if s.copies {
		const maxKept = 1 << 16
		if cap(f.data) <= maxKept {
			s.lent = f.data
		}
	}
	return f, nil
}

// pass reads the next frame directly into p while the scout sees the frames in order. It returns
// false if the frame must go through next.
func (s *sorter) pass(m *member, p *Packet) bool {
	if !s.scouting {
		return false
	}
	if s.scouting = s.scout.inOrder(&m.in, s.ahead); !s.scouting || s.first < len(s.frames) || !s.scout.pass(&m.in, p) {
		return false
	}
	m.read++
	p.Number = m.read
	s.begun, s.last, s.delivered = true, p.Nanos, p.Nanos
	return true
}

// mergeTime returns the time of frame f for merging with other files. It is that of the next frame
// if that is earlier: a clock that is ahead for a moment must not hold back the frames after it.
func (s *sorter) mergeTime(f *rawFrame) int64 {
	if s.first < len(s.frames) {
		return min(f.nanos, s.frames[s.first].nanos)
	}
	return f.nanos
}

// read reads a frame and counts it if it is out of order.
func (s *sorter) read(m *member, f *rawFrame) error {
	f.untimed, f.timeless, f.strayed = false, false, false
	if err := m.format.next(&m.in, f); err != nil {
		return err
	}
	m.read++
	f.number = m.read
	if f.untimed {
		f.nanos = s.last
	}
	if f.timeless {
		s.timeless++
	}
	s.ordered++
	if f.nanos < s.last && s.begun {
		s.disordered++
		s.ordered = 0
		if s.ahead == 0 {
			s.misplaced++
		}
	}
	s.begun, s.last = true, f.nanos
	return nil
}

// fill reads until twice as many frames wait as necessary, so that it rarely has to move them.
func (s *sorter) fill(m *member) {
	s.frames = slices.Delete(s.frames, 0, s.first)
	s.first = 0
	for len(s.frames) < 2*s.ahead && s.bytes < maxWaiting {
		s.frames = append(s.frames, rawFrame{})
		n := len(s.frames) - 1
		f := &s.frames[n]
		if s.end = s.read(m, f); s.end != nil {
			s.frames = s.frames[:n]
			return
		}
		s.bytes += len(f.data)
		if s.copies {
			s.keep(f)
		}
		if before := s.before(n); f.nanos < before {
			s.insert(n)
		}
	}
	if s.scout.file != nil && s.ordered > len(s.frames) {
		s.scout.start(&m.in, s.last)
		s.scouting = true
	}
}

// keep copies the bytes of a frame, into a buffer that a delivered frame has left.
func (s *sorter) keep(f *rawFrame) {
	var to []byte
	if n := len(s.free); n > 0 {
		to, s.free = s.free[n-1], s.free[:n-1]
	}
	f.data = append(to[:0], f.data...)
}

// before returns the time of the frame that is delivered before frame n.
func (s *sorter) before(n int) int64 {
	if n > 0 {
		return s.frames[n-1].nanos
	}
	return s.delivered
}

// insert moves frame n before the frames that are later by at most the window.
func (s *sorter) insert(n int) {
	f := s.frames[n]
	at := n
	for at > 0 && s.frames[at-1].nanos > f.nanos && s.frames[at-1].nanos-f.nanos <= s.window {
		at--
	}
	if s.before(at) > f.nanos {
		s.misplaced++
	}
	copy(s.frames[at+1:n+1], s.frames[at:n])
	s.frames[at] = f
}
