package capture

import "slices"

// rawFrame is a frame as the file has it, not yet decoded.
type rawFrame struct {
	data     []byte
	length   int
	nanos    int64
	number   int64
	link     Link
	untimed  bool
	timeless bool // of untimed, its time is one that 64 bits of nanoseconds do not hold
	strayed  bool
}

// sorter puts the frames of a file in the order of time, within a window of frames and time. With ahead at 0 it passes
// them on as they come.
type sorter struct {
	ahead  int   // frames that are read before one is given
	window int64 // how much later a frame may be that another is put before, nanoseconds

	frames []rawFrame // that wait, from first on
	first  int
	bytes  int      // of those
	one    rawFrame // where none wait
	end    error    // that ended reading
	calm   int      // frames that were read since one stood out of order
	scout  scout
	trust  bool // the scout is at work: what it passed stands in order
	begun  bool
	last   int64 // time of the last frame that was read
	given  int64 // of the last that was given, long ago before the first

	copies bool     // the bytes do not stay where they are
	free   [][]byte // of frames that were given
	lent   []byte   // of the last that was given

	disordered, beyond, strayed, timeless int64
}

// mostWaiting bounds the bytes of frames that wait.
const mostWaiting = 8 << 20

// next returns the next frame, which is good until the one after it is asked for, or the error that ended the file.
func (s *sorter) next(t *part) (*rawFrame, error) {
	if s.ahead == 0 {
		return &s.one, s.read(t, &s.one)
	}
	if s.lent != nil {
		s.free, s.lent = append(s.free, s.lent), nil
	}
	if s.trust && s.first == len(s.frames) { // the end of the file, or damage
		return &s.one, s.read(t, &s.one)
	}
	if !s.trust && s.end == nil && len(s.frames)-s.first <= s.ahead {
		s.fill(t)
	}
	if s.first == len(s.frames) {
		return nil, s.end
	}
	f := &s.frames[s.first]
	s.first++
	s.bytes -= len(f.data)
	if gap := f.nanos - s.given; gap > far || gap < -far {
		s.stray(f)
	}
	s.given = f.nanos
	if s.copies {
		const mostKept = 1 << 16
		if cap(f.data) <= mostKept {
			s.lent = f.data
		}
	}
	return f, nil
}

// pass reads the next frame into a packet, where none needs to wait.
func (s *sorter) pass(t *part, p *Packet) bool {
	if !s.trust {
		return false
	}
	if s.trust = s.scout.inOrder(&t.in, s.ahead); !s.trust || s.first < len(s.frames) || !s.scout.pass(&t.in, p) {
		return false
	}
	t.read++
	p.Number = t.read
	s.begun, s.last, s.given = true, p.Nanos, p.Nanos
	return true
}

// soon returns the time that stands for the frame f among other files: that of the next if it is earlier, since a clock
// that is ahead for a moment must not hold back the frames behind it.
func (s *sorter) soon(f *rawFrame) int64 {
	if s.first < len(s.frames) {
		return min(f.nanos, s.frames[s.first].nanos)
	}
	return f.nanos
}

// read reads a frame, and counts those that stand out of order.
func (s *sorter) read(t *part, f *rawFrame) error {
	f.untimed, f.timeless, f.strayed = false, false, false
	if err := t.format.next(&t.in, f); err != nil {
		return err
	}
	t.read++
	f.number = t.read
	if f.untimed {
		f.nanos = s.last
	}
	if f.timeless {
		s.timeless++
	}
	s.calm++
	if f.nanos < s.last && s.begun {
		s.disordered++
		s.calm = 0
		if s.ahead == 0 {
			s.beyond++
		}
	}
	s.begun, s.last = true, f.nanos
	return nil
}

// fill reads on until twice as many frames wait as must, so that it moves them seldom.
func (s *sorter) fill(t *part) {
	s.frames = slices.Delete(s.frames, 0, s.first)
	s.first = 0
	for len(s.frames) < 2*s.ahead && s.bytes < mostWaiting {
		s.frames = append(s.frames, rawFrame{})
		n := len(s.frames) - 1
		f := &s.frames[n]
		if s.end = s.read(t, f); s.end != nil {
			s.frames = s.frames[:n]
			return
		}
		s.bytes += len(f.data)
		if s.copies {
			s.keep(f)
		}
		if before := s.before(n); f.nanos < before {
			s.place(n)
		}
	}
	if s.scout.file != nil && s.calm > len(s.frames) {
		s.scout.start(&t.in, s.last)
		s.trust = true
	}
}

// keep copies the bytes of a frame.
func (s *sorter) keep(f *rawFrame) {
	var to []byte
	if n := len(s.free); n > 0 {
		to, s.free = s.free[n-1], s.free[:n-1]
	}
	f.data = append(to[:0], f.data...)
}

// before returns the time of the frame that is given before frame n.
func (s *sorter) before(n int) int64 {
	if n > 0 {
		return s.frames[n-1].nanos
	}
	return s.given
}

// place puts a frame before those that are later, but not by more than the window.
func (s *sorter) place(n int) {
	f := s.frames[n]
	at := n
	for at > 0 && s.frames[at-1].nanos > f.nanos && s.frames[at-1].nanos-f.nanos <= s.window {
		at--
	}
	if s.before(at) > f.nanos {
		s.beyond++
	}
	copy(s.frames[at+1:n+1], s.frames[at:n])
	s.frames[at] = f
}
